"""A bare prototype: one exec of one script a host, by paramiko in threads, and nothing else.

``python prototype.py PORT KEY SCRIPT ADDRESS...``. It checks no host key, parses nothing and plans
nothing: the least that a program in Python can do over SSH.
"""

import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import paramiko


class PromptSocket(socket.socket):
    """Acknowledges at once."""

    def recv(self, *arguments):
        piece = super().recv(*arguments)
        self.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return piece


def one(address, port, key, script):
    """Run the script on one host; give its output."""
    plain = socket.create_connection((address, port))
    line = PromptSocket(plain.family, plain.type, fileno=plain.detach())
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    transport = paramiko.Transport(line)
    transport.start_client()
    transport.auth_publickey("root", key)
    channel = transport.open_session()
    channel.exec_command("sh -s")
    channel.sendall(script)
    channel.shutdown_write()
    said = channel.makefile("rb").read()
    code = channel.recv_exit_status()
    transport.close()
    return code, said


def main():
    """All hosts at once."""
    port, key, script, *addresses = sys.argv[1:]
    key = paramiko.Ed25519Key.from_private_key_file(key)
    text = Path(script).read_bytes()
    with ThreadPoolExecutor(64) as pool:
        ended = list(pool.map(lambda address: one(address, int(port), key, text), addresses))
    if any(code or b"all as asked" not in said for code, said in ended):
        sys.exit("a host is not as asked")
    print("all as asked")


if __name__ == "__main__":
    main()
