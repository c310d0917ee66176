/*
 * Lets User-Mode Linux of kernels before 6.13 run on processors with AMX.
 *
 * Linux takes a process's extended state by PTRACE_SETREGSET only whole (xstateregs_set() in
 * arch/x86/kernel/fpu/regset.c), and AMX made it longer than what those kernels hold of it
 * (FP_SIZE in arch/x86/um). What is missing at its end is state that no guest can use, since a
 * program has to ask the host for it first (arch_prctl ARCH_REQ_XCOMP_PERM): zeros stand for it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

typedef long (*Ptrace)(enum __ptrace_request, ...);

static char whole[1 << 16] __attribute__((aligned(64)));

static size_t whole_length(Ptrace real, pid_t pid)
{
	static size_t length;
	struct iovec all = {whole, sizeof whole};

	if (length == 0 && real(PTRACE_GETREGSET, pid, (void *)NT_X86_XSTATE, &all) == 0) {
		memset(whole, 0, sizeof whole);
		length = all.iov_len;
	}
	return length;
}

long ptrace(enum __ptrace_request request, ...)
{
	static Ptrace real;
	va_list rest;

	va_start(rest, request);
	pid_t pid = va_arg(rest, pid_t);
	void *address = va_arg(rest, void *);
	void *data = va_arg(rest, void *);
	va_end(rest);
	if (!real)
		real = (Ptrace)dlsym(RTLD_NEXT, "ptrace");
	if (request == PTRACE_SETREGSET && address == (void *)NT_X86_XSTATE) {
		const struct iovec *part = data;
		struct iovec all = {whole, whole_length(real, pid)};

		if (part->iov_len < all.iov_len) {
			memcpy(whole, part->iov_base, part->iov_len);
			return real(request, pid, address, &all);
		}
	}
	return real(request, pid, address, data);
}
