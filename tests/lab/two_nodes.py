"""Witnesses that no two nodes ever have Nexus' data: the NFS server's own view, and writers.

None of this is Moorage's: the kernel's table of exports and of its clients' locks, and programs in
Nexus' own containers that write on and on, whatever they are told.
"""

from __future__ import annotations

from lab.errors import LabError

ADDRESS = {"manager": "10.77.0.11", "worker": "10.77.0.12"}
SERVICE = "registry_nexus"
_RUNNING = f"docker ps -q --filter label=com.docker.swarm.service.name={SERVICE}"
_SAMPLE = """
while [ -e /run/sampling ]; do
  inode=$(stat -c %i /srv/nexus/lock 2>/dev/null)
  for client in /proc/fs/nfsd/clients/*/; do
    if grep -q "type: lock.*:$inode\\"" "$client/states" 2>/dev/null; then
      sed -n 's/^address: "\\(.*\\):[0-9]*"$/holds \\1/p' "$client/info"
    fi
  done | sort -u | tr '\\n' ' '
  exportfs -s | sed -n 's/^\\/srv\\/nexus  *\\([^(]*\\)(.*/in \\1/p' | sort | tr '\\n' ' '
  echo
  sleep 0.2
done
"""
# what a database does: lock a file for as long as it runs, and write to it; LOCKED=no only writes
_WRITER = """
import fcntl, os, sys, time
who, path, locked = sys.argv[1:]
file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
if locked == "yes":
    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
while True:
    try:
        os.write(file, f"{who} {time.time():.1f}\\n".encode())
        os.fsync(file)
    except OSError:
        pass
    time.sleep(0.5)
"""
LOCKED, UNLOCKED = "witness-locked", "witness-unlocked"


def sampling(lab):
    """Begin to look at the NFS server five times a second."""
    lab.run("nfs", f"touch /run/sampling; cat >/run/sample.sh <<'END'\n{_SAMPLE}\nEND\n"
            "nohup sh /run/sample.sh >/run/samples 2>/dev/null </dev/null &")  # fmt: skip


def sampled(lab):
    """What was seen since: holders and clients at each moment, as sets of addresses."""
    text = lab.run("nfs", "rm -f /run/sampling; sleep 0.5; cat /run/samples")
    found = []
    for line in text.splitlines():
        words = line.split()
        pairs = list(zip(words[::2], words[1::2], strict=True))
        found.append(({two for one, two in pairs if one == "holds"},
                      {two for one, two in pairs if one == "in"}))  # fmt: skip
    return found


def changes(seen):
    """The same without repetition."""
    return [one for one, before in zip(seen, [None, *seen], strict=False) if one != before]


def never_two(seen):
    """Whether no two nodes had Nexus' lock, nor were two let in, at any moment."""
    assert len(seen) > 10
    return all(len(holders) <= 1 for holders, _ in seen)


def writing(lab, host):
    """Let two programs in Nexus' container on a host write to its data."""
    for name, locked in ((LOCKED, "yes"), (UNLOCKED, "no")):
        lab.run(
            host,
            f"cat >/run/writer.py <<'END'\n{_WRITER}\nEND\n"
            f"c=$({_RUNNING} | head -n 1); docker cp -q /run/writer.py $c:/tmp/writer.py "
            f"2>/dev/null || docker cp /run/writer.py $c:/tmp/writer.py; "
            f"docker exec -d $c python3 /tmp/writer.py {host} /nexus-data/{name} {locked}",
        )


def written(lab, name):
    """Who wrote, line by line, without repetition."""
    text = lab.run("nfs", f"cat /srv/nexus/{name} 2>/dev/null; true")
    who = [line.split()[0] for line in text.splitlines() if line.strip()]
    return [one for one, before in zip(who, [None, *who], strict=False) if one != before]


def clear(lab):
    lab.run("nfs", f"rm -f /srv/nexus/{LOCKED} /srv/nexus/{UNLOCKED}")


def containers(lab, host):
    """How many of Nexus' containers run on a host."""
    return len(lab.run(host, _RUNNING).split())


def logs(lab, host):
    """The last words of each container of Nexus' on a host; those of the service would hang while
    a node of it is cut off.
    """
    ended = _RUNNING.replace("ps -q", "ps -aq")
    return lab.run(
        host, f"for c in $({ended}); do timeout 10 docker logs --tail 5 $c 2>&1; done; :"
    )


def mounts(lab, host):
    return int(lab.run(host, "grep -c ':/srv/nexus ' /proc/mounts; true"))


def node_of(lab):
    """Names of the nodes on which a task of Nexus runs, as Swarm has it."""
    said = lab.run("manager", f"docker service ps --filter desired-state=running "
                   f"--format '{{{{.Node}}}} {{{{.CurrentState}}}}' {SERVICE}")  # fmt: skip
    return [line.split()[0] for line in said.splitlines() if " Running" in line]


def swarm_state(lab, host):
    return lab.run(
        "manager", f"docker node inspect --format '{{{{.Status.State}}}}' {host}"
    ).strip()


def answers(lab):
    """What Nexus' status says by its public name; 000 where nobody answers at all."""
    try:
        return lab.exec(["curl", "-s", "-o", "/dev/null", "-m", "5", "-w", "%{http_code}",
                         "--cacert", str(lab.paths.home / "ca.crt"),
                         "https://nexus.lab/service/rest/v1/status/writable"])  # fmt: skip
    except LabError:
        return "000"
