"""Hosts that answer doctor's probes as real ones do, with parts replaced at will."""

import json
import socket

from moorage.checks.doctor_probe import Answers
from moorage.transport.fleet import Fleet

NOW = 1_800_000_000.0
_DF = (
    "/dev/vda1  41152812 9876543 29166269      26% /\n"
    "/dev/vda1   2621440   88123  2533317       4% /"
)


def frame(parts, boundary="0123456789abcdef"):
    """The output of a probe script whose parts printed this; a tuple has its exit code too."""
    lines = [boundary]
    for name, said in parts.items():
        text, code = said if isinstance(said, tuple) else (said, 0)
        lines += [f"--{boundary} {name}", text, "", f"--{boundary} = {code}"]
    return "\n".join(lines) + "\n"


def answers(parts):
    return Answers.read(frame(parts), NOW, NOW + 1)


def machine(**parts):
    found = {
        "begin": f"{NOW + 0.5:.9f}",
        "os": "debian|12||Debian GNU/Linux 12 (bookworm)",
        "account": "0|root|ops",
        "disk": _DF,
        "end": f"{NOW + 0.8:.9f}",
    }
    return {**found, **parts}


def nfs(export=None, **parts):
    """The NFS host after ``nfs-setup``; ``export`` replaces parts of the step's own probe."""
    seen = {
        "os": "debian ",
        "package": "installed",
        "active": "active",
        "enabled": "enabled",
        "realpath": "/srv/nexus",
        "directory": "directory|200|200|750",
        "entries": "blobs\nlock",
        "file": "/srv/nexus 10.0.0.12(rw,sync,no_subtree_check,root_squash)",
        "others": "",
        "exported": "/srv/nexus  10.0.0.12(sync,wdelay,hide,no_subtree_check,sec=sys,rw,secure,"
        "root_squash,no_all_squash)",
        "space": _DF,
        **(export or {}),
    }
    rest = {"export": frame(seen, "fedcba9876543210"), "candidate": ("", 99), "port": ""}
    return machine(**{**rest, **parts})


def docker_info(node="id-swarm1", *, manager=True, state="active", **more):
    swarm = {
        "NodeID": node,
        "LocalNodeState": state,
        "ControlAvailable": manager,
        "Error": "",
        "RemoteManagers": [{"NodeID": "id-swarm1", "Addr": "10.0.0.11:2377"}],
        **more.pop("swarm", {}),
    }
    info = {"ServerVersion": "20.10.24+dfsg1", "MemTotal": 16 * 1024**3, "Swarm": swarm, **more}
    return json.dumps(info)


def member(number, hostname, *, state="ready", availability="active"):
    return {
        "ID": number,
        "Description": {"Hostname": hostname},
        "Status": {"State": state},
        "Spec": {"Availability": availability},
    }


MEMBERS = (member("id-swarm1", "swarm1"), member("id-swarm2", "swarm2"))
SAFE_ARGS = (
    "--providers.swarm=true",
    "--entrypoints.web.address=:80",
    "--entrypoints.websecure.address=:443",
    "--entrypoints.websecure.transport.respondingtimeouts.readtimeout=0",
    "--certificatesresolvers.le.acme.tlschallenge=true",
)


def traefik(image="traefik:v3.7.1", args=SAFE_ARGS, networks=("net-proxy",), **container):
    return {
        "ID": "tttttttttttttttttttttttt1",
        "Spec": {
            "Name": "edge_traefik",
            "TaskTemplate": {
                "ContainerSpec": {"Image": f"{image}@sha256:00", "Args": list(args), **container},
                "Networks": [{"Target": name} for name in networks],
            },
        },
    }


def manager(services=(), **parts):
    found = {
        "docker": docker_info(),
        "api": "1.24",
        "nodes": json.dumps(MEMBERS),
        "networks": "net-ingress|ingress|overlay|swarm\nnet-proxy|proxy|overlay|swarm\n"
        "net-bridge|bridge|bridge|local",
        "services": "\n".join(["tttttttttttt|edge_traefik|traefik:v3.7.1|1/1", *services]),
        "traefik": json.dumps([traefik()]),
        "ingress": "",
    }
    return machine(**{**found, **parts})


def node(**parts):
    found = {"docker": docker_info("id-swarm2", manager=False), "kernel": "", "server": ""}
    return machine(**{**found, **parts})


class FakeHost:
    """A host that answers one probe, or fails; its tunnel leads to ``door``, a port here."""

    def __init__(self, name, outcome, door=None):
        self.name = name
        self.outcome = outcome
        self.door = door
        self.reads = 0

    def read(self, script, *, timeout=None):
        self.reads += 1
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return frame(self.outcome)

    def tunnel(self, address, port):
        if self.door is None:
            raise ConnectionRefusedError(f"{address}:{port} from {self.name}: refused")
        return FakeStream(socket.create_connection(("127.0.0.1", self.door), 5))

    def close(self):
        pass


class FakeStream:
    def __init__(self, connection):
        self.recv = connection.recv
        self.sendall = connection.sendall
        self.close = connection.close
        self._connection = connection

    def shutdown_write(self):
        self._connection.shutdown(socket.SHUT_WR)


class FakeFleet(Fleet):
    def __init__(self, site, hosts):
        super().__init__(site)
        self.hosts = hosts

    def host(self, name):
        return self.hosts[name]


def found(findings, host, subject):
    """Level and message of each finding about a subject, as pairs."""
    return [(one.level, one.message) for one in findings
            if (one.host, one.subject) == (host, subject)]  # fmt: skip
