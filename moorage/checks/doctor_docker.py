"""What Docker on a host tells of itself and of its Swarm, and the findings about it. Pure.

Source: Docker Engine API v1.41, "SystemInfo", "SwarmInfo" and "Node".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from moorage.checks.base import About, Finding
from moorage.checks.doctor_probe import Answers, last_line

_OLDEST = (20, 10)


@dataclass(frozen=True)
class Docker:
    """One host's Docker.

    Args:
        version: of the engine.
        memory: of the machine, in bytes.
        state: of its membership: inactive, pending, active, error or locked.
        node: its Swarm node id; empty outside of a Swarm.
        manages: whether it is a manager that takes part.
        error: what it says of its Swarm.
        managers: addresses of the managers it knows, by node id.
    """

    version: str
    memory: int
    state: str
    node: str
    manages: bool
    error: str = ""
    managers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Member:
    """A node as a manager lists it."""

    hostname: str
    state: str
    availability: str


def docker(answers: Answers) -> Docker | None:
    """A host's Docker; None where it does not answer.

    The client of Docker 20.10 ends with 0 even when its daemon does not answer.
    """
    info = answers.json("docker")
    if not isinstance(info, dict) or not info.get("ServerVersion"):
        return None
    swarm = info.get("Swarm") or {}
    return Docker(
        version=info["ServerVersion"],
        memory=info.get("MemTotal", 0),
        state=swarm.get("LocalNodeState", "inactive"),
        node=swarm.get("NodeID", ""),
        manages=bool(swarm.get("ControlAvailable")),
        error=swarm.get("Error", ""),
        managers={
            peer["NodeID"]: peer["Addr"].rpartition(":")[0].strip("[]")
            for peer in swarm.get("RemoteManagers") or []
        },
    )


def members(answers: Answers) -> dict[str, Member] | None:
    """All nodes of the Swarm by id; None where the host is no manager, or nothing leads it."""
    listed = answers.json("nodes")
    if not isinstance(listed, list):
        return None
    return {
        item["ID"]: Member(
            item["Description"]["Hostname"], item["Status"]["State"], item["Spec"]["Availability"]
        )
        for item in listed
    }


def engine(host: str, answers: Answers) -> Finding:
    """Whether Docker answers, and is not too old."""
    about = About(host, "docker")
    seen = docker(answers)
    if seen is None:
        said = answers.part("docker")
        errors = (answers.json("docker", even_failed=True) or {}).get("ServerErrors") or []
        reason = "; ".join(errors) or last_line(said)
        hint = "install and start Docker there (docs.docker.com/engine/install)"
        if "permission denied" in reason:
            hint = "set sudo: true for this host, or put the account into the group docker"
        elif said.exit_code == 124:  # noqa: PLR2004  timeout(1)
            reason = "no answer within 20 s"
            hint = "systemctl status docker there; a manager that looks for a leader is slow too"
        return about.failure(f"Docker does not answer: {reason}", hint)
    found = re.match(r"(\d+)\.(\d+)", seen.version)
    if found and (int(found[1]), int(found[2])) < _OLDEST:
        return about.failure(f"Docker {seen.version} is too old", "update it to 20.10 or later")
    return about.ok(f"Docker {seen.version}")


def membership(host: str, seen: Docker) -> Finding | None:
    """What keeps a host out of its Swarm; None where it is in one."""
    about = About(host, "swarm")
    if seen.state == "active":
        return None
    if seen.state == "inactive":
        return about.failure(
            "this host is in no Swarm",
            "docker swarm init on the first manager, docker swarm join on all others",
        )
    if seen.state == "locked":
        return about.failure(
            "the Swarm is locked on this host since Docker was restarted",
            "docker swarm unlock there; another manager tells the key: docker swarm unlock-key",
        )
    if seen.state == "pending":
        return about.failure(
            "this host has not joined the Swarm yet",
            "check that it reaches a manager on port 2377, and that the join was not refused",
        )
    return about.failure(
        f"Docker's Swarm mode has failed: {seen.error or seen.state}",
        "look at: journalctl -u docker; docker swarm leave and join again if need be",
    )


def manager(host: str, seen: Docker, answers: Answers, names: Mapping[str, str]) -> Finding:
    """Whether a host in a Swarm is a manager that can be worked through.

    Args:
        names: inventory names by node id and by address.
    """
    about = About(host, "swarm")
    if not seen.manages:
        others = sorted(
            names.get(node) or names.get(address, address)
            for node, address in seen.managers.items()
        )
        verb = "is" if len(others) == 1 else "are"
        noun = "the manager" if len(others) == 1 else "managers"
        return about.failure(
            f"{host} is a worker; {noun} {verb} {', '.join(others) or 'not known'}",
            "name managers under hosts.managers, or on one of them: docker node promote",
        )
    listed = members(answers)
    if listed is not None:
        return about.ok(f"manager of a Swarm of {len(listed)} nodes")
    said = answers.part("nodes")
    if "leader" in said.text or "leader" in seen.error:
        return about.failure(
            "the Swarm has no leader: half of its managers or more do not answer",
            "bring managers back; if they are lost for good, on this one: "
            "docker swarm init --force-new-cluster",
        )
    return about.failure(
        f"the Swarm does not answer: {last_line(said)}", "look at: journalctl -u docker"
    )


def readiness(
    host: str, seen: Docker, listed: Mapping[str, Member], by: str, *, eligible: bool
) -> Iterator[Finding]:
    """What a manager says of a host.

    Args:
        listed: the Swarm's nodes by id, as the manager lists them.
        by: inventory name of that manager.
        eligible: whether it may run Nexus.
    """
    about = About(host, "node")
    member = listed.get(seen.node)
    if member is None:
        yield about.failure(
            f"it is in another Swarm than {by}",
            "docker swarm leave there, then join the right one",
        )
    elif member.state != "ready":
        yield about.failure(
            f"{by} lists it ({member.hostname}) as {member.state}",
            "check ports 2377, 7946 and UDP 4789 between them, and Docker there",
        )
    elif member.availability != "active":
        say = about.failure if eligible else about.warning
        yield say(
            f"{member.availability}: no task is started there",
            f"docker node update --availability active {member.hostname}",
        )
    else:
        yield about.ok(f"ready and active, as {member.hostname}")
