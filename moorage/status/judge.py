"""What is to be made of the facts: rows for an operator, and the exit code. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from moorage.exit_codes import ExitCode
from moorage.status import judge_swarm
from moorage.status.certificates import SUBJECT as CERTIFICATES
from moorage.status.judge_swarm import some
from moorage.status.machines import Mount
from moorage.status.model import Backups, BackupSeen, Facts, Level, RepositorySeen, Row
from moorage.status.words import ago, clock_of, size

LOW_PERCENT, LEAST_PERCENT = 15, 5
"""Free space or inodes: warned of at the one, a failure below the other."""
_OLD_BACKUP_DAYS, _OLD_PROOF_DAYS = 8, 35
_DAY = 86400


def rows(facts: Facts, now: datetime) -> tuple[Row, ...]:
    """Everything in words, in the order in which one thing rests on the other."""
    return (
        *_hosts(facts),
        *_export(facts),
        *judge_swarm.service(facts),
        *judge_swarm.tasks(facts),
        *judge_swarm.nodes(facts),
        *judge_swarm.image(facts),
        *_nexus(facts),
        *_repositories(facts),
        *_certificates(facts),
        *_backups(facts.backups, now),
        *_under_way(facts),
        *_locks(facts),
        *_drift(facts),
    )


def exit_code(facts: Facts, told: Sequence[Row]) -> ExitCode:
    """0 healthy; else 3 where a host refuses to be looked at, 4 where one does not answer, 1."""
    if not any(row.level in ("failure", "unknown") for row in told):
        return ExitCode.DONE
    needed = [host for host in facts.hosts if not host.reached and host.role != "client"]
    if any(host.refused for host in needed):
        return ExitCode.REFUSED
    return ExitCode.UNREACHABLE if needed else ExitCode.FAILED


def _hosts(facts: Facts) -> Iterator[Row]:
    answering = [host.name for host in facts.hosts if host.reached]
    if answering:
        yield Row("ok", "hosts", f"{some(answering)} answer{'s' * (len(answering) == 1)}")
    for host in facts.hosts:
        if not host.reached:
            # a machine that only uses the registry does not make it ill
            level: Level = "warning" if host.role == "client" else "failure"
            yield Row(
                level,
                "hosts",
                f"{host.name}: {host.reason}",
                host.hint or "look at the machine; what hangs on it goes on by itself",
            )
        elif host.reason:
            yield Row(
                "warning",
                "hosts",
                f"{host.name} is slow: {host.reason}",
                "look at its load and its disks; what it did not tell is unknown below",
            )


def _export(facts: Facts) -> Iterator[Row]:
    seen = facts.export
    if seen is None:
        return
    served = any(mount.mounted and mount.reachable for mount in facts.mounts)
    yield from (_away(mount, seen.host, served=served)
                for mount in facts.mounts if mount.reachable is False)  # fmt: skip
    if seen.active is None and seen.free_percent is None:
        yield Row("unknown", "export", f"{seen.path}: {seen.host} does not tell",
                  f"see what is said of {seen.host} above")  # fmt: skip
        return
    if seen.active is False or seen.exported is False:
        what = "the NFS service does not run" if seen.active is False else "it is not exported"
        yield Row("failure", "export", f"{seen.path} on {seen.host}: {what}", "fab nfs-setup")
    mounted = [mount.node for mount in facts.mounts if mount.mounted]
    by = f", mounted by {some(mounted)}" if mounted else ""
    space = _space(seen.free_bytes, seen.size_bytes, seen.free_percent)
    inodes = "" if seen.inodes_free_percent is None else f", {seen.inodes_free_percent} % of inodes"
    least = min(percent for percent in (seen.free_percent, seen.inodes_free_percent, 100)
                if percent is not None)  # fmt: skip
    level: Level = "unknown" if seen.free_percent is None else "ok"
    if least <= LOW_PERCENT:
        level = "failure" if least < LEAST_PERCENT else "warning"
    hint = f"make room there until more than {LOW_PERCENT} % are free"
    if level == "unknown":
        hint = f"see what df says of it on {seen.host}"
    yield Row(level, "export", f"{seen.path} on {seen.host}: {space}{inodes} free{by}",
              hint if level != "ok" else "")  # fmt: skip


def _space(free: int | None, whole: int | None, percent: int | None) -> str:
    if free is None or whole is None or percent is None:
        return "space not known"
    return f"{size(free)} of {size(whole)} ({percent} %)"


def _away(mount: Mount, host: str, *, served: bool) -> Row:
    """An NFS server that a node does not reach; no failure where Nexus is on one that does."""
    since = f" since {clock_of(mount.unreachable_since)}" if mount.unreachable_since else ""
    hung = ""
    if mount.stuck:
        kind = "hard mount" if mount.hard is not False else "mount"
        hung = f"; task hung on {kind} (D state): {some(mount.stuck)}"
    elif mount.mounted and mount.hard:
        hung = "; mounted hard: what touches it waits"
    return Row(
        "warning" if served and not mount.mounted else "failure", "export",
        f"NFS {mount.server} unreachable{since}{hung} (from {mount.node})",
        f"bring {host} and its NFS service back: what waits goes on by itself, nothing is to be "
        "restarted",
    )  # fmt: skip


def _nexus(facts: Facts) -> Iterator[Row]:
    seen = facts.nexus
    if seen is None or seen.writable is None:
        where = seen.url if seen else "Nexus"
        yield Row("unknown", "nexus", f"{where}: no answer in time",
                  "see what is said of hosts, export and task above")  # fmt: skip
        return
    version = " ".join(filter(None, (seen.version, seen.edition)))
    if seen.writable:
        yield Row("ok", "nexus", f"{version or 'of a version not told'}, writable, {seen.url}")
        return
    yield Row("failure", "nexus", f"{seen.phase}{f' ({version})' if version else ''}",
              "see export and task above; fab logs, fab doctor")  # fmt: skip


def _repositories(facts: Facts) -> Iterator[Row]:
    seen = facts.repositories
    if seen is None:
        yield Row(
            "unknown",
            "repositories",
            f"not known: {facts.repositories_unknown}",
            "see what is said of Nexus above; the password is nexus.admin_password's",
        )
        return
    off = [one.name for one in seen if one.online is False]
    if off:
        yield Row("warning", "repositories", f"{some(off)} takes no requests (offline)",
                  "put it online in Nexus' pages, or fab plan --step nexus")  # fmt: skip
    told = [f"{one.name} ({', '.join(_about(one))})" for one in seen]
    stores = [f"{one.name} {size(one.size_bytes)}" for one in facts.blob_stores or ()
              if one.size_bytes is not None]  # fmt: skip
    kept = f"; blob stores: {some(stores)}" if stores else ""
    if seen:
        yield Row("ok", "repositories", f"{some(told)}{kept}")
    else:
        yield Row("failure", "repositories", "there is none for Docker", "fab nexus-seed")


def _about(seen: RepositorySeen) -> Iterator[str]:
    yield seen.type
    if seen.size_bytes is not None:
        yield size(seen.size_bytes)


def _certificates(facts: Facts) -> Iterator[Row]:
    days = [f"{one.name} {one.days} days left" for one in facts.certificates if one.well]
    if days:
        yield Row("ok", CERTIFICATES, some(days))
    elif not facts.certificates and not facts.certificate_rows:
        yield Row("ok", CERTIFICATES, "none: the ingress has no TLS")
    yield from facts.certificate_rows


def _backups(seen: Backups, now: datetime) -> Iterator[Row]:
    if not seen.known:
        yield Row("warning", "backup", "not known: no manager tells", "see hosts above")
        return
    if seen.last is None:
        yield Row("warning", "backup", "none was ever made", "fab backup")
        return
    hints = []
    if (now - _moment(seen.last)).total_seconds() > _OLD_BACKUP_DAYS * _DAY:
        hints.append(f"the last one is more than {_OLD_BACKUP_DAYS} days old: fab backup")
    proof = seen.proven
    if proof is None:
        hints.append("none was ever restored to prove it: fab backup --verify")
    elif (now - _moment(proof)).total_seconds() > _OLD_PROOF_DAYS * _DAY:
        hints.append(f"the last proof is more than {_OLD_PROOF_DAYS} days old: fab backup --verify")
    large = f", {size(seen.last.bytes)}" if seen.last.bytes is not None else ""
    proven = f"{ago(_moment(proof), now)} ({proof.name})" if proof else "never"
    message = (f"last {ago(_moment(seen.last), now)} ({seen.last.name}{large}); "
               f"last verified restore: {proven}")  # fmt: skip
    yield Row("warning" if hints else "ok", "backup", message, "; ".join(hints))


def _moment(seen: BackupSeen) -> datetime:
    return datetime.fromisoformat(seen.at).astimezone()


def _under_way(facts: Facts) -> Iterator[Row]:
    live = {lock.host for lock in facts.locks if not lock.stale}
    for manager, found in facts.under_way.items():
        told, hint = [], "fab restore undoes it"
        if note := found.note:
            told.append(("upgrade", f"from {note.before} to {note.to}"))
            hint = note.ways_on()
        if len(facts.under_way) > 1:
            hint += f"; through that manager: -H {manager}"
        if found.held:
            told.append(("data", "an exchange of Nexus' data"))
        for subject, what in told:
            if manager in live:
                yield Row("ok", subject, f"{what} is under way, on {manager}")
            else:
                yield Row("warning", subject, f"{what} is not over, on {manager}", hint)


def _locks(facts: Facts) -> Iterator[Row]:
    silent = [host.name for host in facts.hosts if not host.reached]
    if silent:
        yield Row("warning", "lock", f"not known of {some(silent)}", "see hosts above")
    elif not facts.locks:
        yield Row("ok", "lock", "free")
    for lock in facts.locks:
        told = f"{lock.host}: {lock.told}"
        if lock.stale:
            yield Row("warning", "lock", f"{told}; no sign of life for {lock.age_seconds} s",
                      "a dead run's: the next run takes it over, or fab unlock")  # fmt: skip
        else:
            yield Row("ok", "lock", told)


def _drift(facts: Facts) -> Iterator[Row]:
    changed = [f"{one.step} {one.changes}" for one in facts.drift if one.changes]
    unknown = _by_reason(facts)
    number = sum(one.changes or 0 for one in facts.drift)
    if changed:
        yield Row("warning", "drift", f"{number} change{'s' * (number != 1)}: {', '.join(changed)}",
                  "fab plan shows them")  # fmt: skip
    elif not unknown:
        yield Row("ok", "drift", "none: all is as the inventory asks")
    if unknown:
        yield Row("warning", "drift", f"unknown: {'; '.join(unknown)}",
                  "fab plan has more time and tells more")  # fmt: skip


def _by_reason(facts: Facts) -> list[str]:
    """Steps whose changes are not known, those of one reason together."""
    steps: dict[str, list[str]] = {}
    for one in facts.drift:
        if one.changes is None:
            steps.setdefault(one.reason, []).append(one.step)
    return [f"{', '.join(names)} ({reason})" for reason, names in steps.items()]
