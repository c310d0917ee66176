"""The service that is Nexus, as the inventory's ``stack`` and ``nexus``; pure.

What has no key of its own goes to ``stack.further``, so that deploying changes none of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from moorage.config.redact import is_secret
from moorage.config.schema.nexus import VM_PARAMETERS
from moorage.steps.stack.composed import SWARM_GRACE, SWARM_RESTART, SWARM_UPDATE, Fields
from moorage.takeover.durations import duration, size
from moorage.takeover.taken import Taken

_VM = re.compile(
    r"(?:-Xms(?P<heap>\S+) -Xmx(?P=heap) ?)?(?:-XX:MaxDirectMemorySize=(?P<direct>\S+) ?)?"
    r"-Djava\.util\.prefs\.userRoot=/nexus-data/javaprefs"
)
_SIZE = re.compile(r"[1-9]\d*[kmgKMG]")
_OWN_TAG = re.compile(r"\d+\.\d+\.\d+-[0-9a-f]{12}")


def take_image(taken: Taken, reference: str, dockerfile: str, expected: str) -> None:
    """The image: Moorage's own where it is the very one that the inventory would have built.

    Args:
        dockerfile: the digest that the running image carries, empty for none.
        expected: the digest of what would be built.
    """
    name, _, tag = reference.rpartition(":")
    if not name or "/" in tag:
        name, tag = reference, "latest"
    taken.put("nexus.image.name", name)
    if dockerfile and dockerfile == expected:
        if not _OWN_TAG.fullmatch(tag):
            taken.put("nexus.image.tag", tag)
        if "." in name.partition("/")[0] or ":" in name.partition("/")[0]:
            taken.put("nexus.image.distribution", "registry")
        return
    taken.lay("nexus.image", {"tag": tag, "distribution": "given"})
    taken.say(
        "nexus.image", "The image that runs, as it is. With distribution: load, a tag of null"
    )
    taken.say("nexus.image", "and base: sonatype/nexus3 fab build-image makes Moorage's own.")


def take_memory(taken: Taken, fields: Fields) -> None:
    """Limit, Java's flags, and the other variables; none whose name says that it is a secret."""
    taken.put("nexus.memory", {"heap": None, "direct": None,
                               "limit": size(fields["memory limit"])})  # fmt: skip
    others = {name.removeprefix("environment "): value for name, value in fields.items()
              if name.startswith("environment ")}  # fmt: skip
    flags = _VM.fullmatch(others.get(VM_PARAMETERS, ""))
    if flags and any(flags.groups()) and all(
        value is None or _SIZE.fullmatch(value) for value in flags.groups()
    ):  # fmt: skip
        taken.lay("nexus.memory", flags.groupdict())
        del others[VM_PARAMETERS]
    for name in [name for name in others if is_secret((name,))]:
        del others[name]
        taken.leave(f"the variable {name} of the service: its name says that it is a secret, so it "
                    "is not written down, and fab deploy would take it out")  # fmt: skip
    if others:
        taken.put("nexus.environment", others)


def take_stack(taken: Taken, fields: Fields, service: str, ours: str, status_test: Any) -> None:
    """The service's other fields.

    Args:
        service: its short name.
        ours: the constraint that Moorage's node label makes.
        status_test: the health check that the template has.
    """
    further = Further(fields)
    further.placement(taken, ours)
    further.health(taken, status_test)
    further.updates(taken)
    further.restart(taken)
    grace = fields["stop grace period"]
    taken.put("stack.stop_grace_period", None if grace == SWARM_GRACE else duration(grace))
    further.limits(taken)
    further.plain()
    further.attached(service)
    if further.keys:
        taken.put("stack.further", further.keys)


class Further:
    """Keys of the service in the compose file that have none of their own in an inventory.

    Args:
        fields: those of the running service.
    """

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self.keys: dict[str, Any] = {}

    def put(self, dotted: str, value: Any) -> None:
        *above, last = dotted.split(".")
        part = self.keys
        for step in above:
            part = part.setdefault(step, {})
        part[last] = value

    def family(self, name: str) -> dict[str, Any]:
        """Fields whose name begins so, by what follows."""
        return {key.removeprefix(f"{name} "): value for key, value in self.fields.items()
                if key.startswith(f"{name} ")}  # fmt: skip

    def placement(self, taken: Taken, ours: str) -> None:
        constraints = [text for text in self.fields["constraints"] if text != ours]
        if ours not in self.fields["constraints"]:
            taken.put("stack.placement", value=None)
        if constraints:
            taken.put("stack.constraints", constraints)
        spread = [{"spread": text.removeprefix("spread ")} for text in self.fields["preferences"]]
        if spread:
            self.put("deploy.placement.preferences", spread)
        if self.fields["most on a node"]:
            self.put("deploy.placement.max_replicas_per_node", self.fields["most on a node"])

    def health(self, taken: Taken, status_test: Any) -> None:
        test = self.fields["healthcheck"]
        times = {
            "interval": "healthcheck interval", "timeout": "healthcheck timeout",
            "start_period": "healthcheck start period",
        }  # fmt: skip
        said = {key: duration(self.fields[field]) for key, field in times.items()
                if self.fields.get(field)}  # fmt: skip
        if self.fields.get("healthcheck retries"):
            said["retries"] = self.fields["healthcheck retries"]
        if test == status_test:
            taken.put("stack.healthcheck", said)
            return
        taken.put("stack.healthcheck", value=None)
        if test == ["NONE"]:
            self.put("healthcheck", {"disable": True})
        elif test:
            self.put("healthcheck", {"test": test, **said})

    def updates(self, taken: Taken) -> None:
        update = {key: self.fields[f"update {key.replace('_', ' ')}"]
                  for key in ("order", "failure_action", "monitor")}  # fmt: skip
        usual = all(value == SWARM_UPDATE[key] for key, value in update.items())
        taken.put("stack.update", None if usual else {
            "failure_action": update["failure_action"], "monitor": duration(update["monitor"]),
        })  # fmt: skip
        for family in ("update", "rollback"):
            for key, field in (("parallelism", "parallelism"), ("delay", "delay"),
                               ("max_failure_ratio", "failure ratio")):  # fmt: skip
                value = self.fields[f"{family} {field}"]
                if value != SWARM_UPDATE[key]:
                    text = duration(value) if key == "delay" else value
                    self.put(f"deploy.{family}_config.{key}", text)
        for key in ("order", "failure_action", "monitor"):
            value = self.fields[f"rollback {key.replace('_', ' ')}"]
            if value != SWARM_UPDATE[key] and key != "order":
                text = duration(value) if key == "monitor" else value
                self.put(f"deploy.rollback_config.{key}", text)

    def restart(self, taken: Taken) -> None:
        condition, delay = self.fields["restart condition"], self.fields["restart delay"]
        usual = (condition, delay) == (SWARM_RESTART["condition"], SWARM_RESTART["delay"])
        taken.put("stack.restart", None if usual else {
            "condition": condition, "delay": duration(delay),
        })  # fmt: skip
        if self.fields["restart attempts"]:
            self.put("deploy.restart_policy.max_attempts", self.fields["restart attempts"])
        if self.fields["restart window"]:
            self.put("deploy.restart_policy.window", duration(self.fields["restart window"]))

    def limits(self, taken: Taken) -> None:
        limits = self.family("ulimit")
        soft, hard = limits.pop("nofile", [0, 0])
        whole = soft == hard and soft >= 1024  # noqa: PLR2004
        taken.put("stack.nofile", soft if whole else None)
        if soft and not whole:
            limits["nofile"] = [soft, hard]
        if limits:
            self.put("ulimits", {name: {"soft": low, "hard": high}
                                 for name, (low, high) in limits.items()})  # fmt: skip
        for kind, family in (("limits", "limit"), ("reservations", "reserved")):
            if self.fields[f"cpu {family}"]:
                self.put(f"deploy.resources.{kind}.cpus", f"{self.fields[f'cpu {family}']:g}")
        if text := size(self.fields["memory reserved"]):
            self.put("deploy.resources.reservations.memory", text)
        if self.fields["process limit"]:
            self.put("deploy.resources.limits.pids", self.fields["process limit"])

    def plain(self) -> None:
        """What is the same word for word, where it is not what Docker does by itself."""
        for key, field in _PLAIN.items():
            if self.fields.get(field) not in (None, "", [], False):
                self.put(key, self.fields[field])
        if self.fields["init"] is not None:
            self.put("init", self.fields["init"])
        if self.fields["endpoint mode"] != "vip":
            self.put("deploy.endpoint_mode", self.fields["endpoint mode"])
        hosts = [" ".join(text.split()).partition(" ") for text in self.fields["extra hosts"]]
        if hosts:
            self.put("extra_hosts", [f"{name}:{address}" for address, _, name in hosts])
        if self.fields.get("logging driver"):
            options = {key: value for key, value in self.family("logging").items()
                       if key != "driver"}  # fmt: skip
            self.put("logging", {"driver": self.fields["logging driver"],
                                 **({"options": options} if options else {})})  # fmt: skip
        for key, family in (("labels", "container label"), ("sysctls", "sysctl")):
            if values := self.family(family):
                self.put(key, values)

    def attached(self, service: str) -> None:
        """Secrets, configs, and what is mounted besides Nexus' data."""
        for kind in ("secrets", "configs"):
            refer = [text.split(" ", 1) for text in self.fields[kind]]
            if refer:
                self.put(kind, [{"source": name, "target": target} for name, target in refer])
        mounts = [target for target in _mounted(self.fields) if target != "/nexus-data"]
        if mounts:
            self.put("volumes", [self._mount(target) for target in mounts])
        extra = {name: [alias for alias in self.fields[f"network {name} aliases"]
                        if alias != service] for name in self.fields["networks"]}  # fmt: skip
        if any(extra.values()):
            self.put("networks", {name: {"aliases": more} if more else None
                                  for name, more in extra.items()})  # fmt: skip

    def _mount(self, target: str) -> dict[str, Any]:
        kind, _, source = self.fields[f"mount {target}"].partition(" ")
        item: dict[str, Any] = {"type": kind, "target": target}
        if source:
            item["source"] = source
        if self.fields[f"mount {target} read only"]:
            item["read_only"] = True
        if self.fields.get(f"mount {target} nocopy"):
            item["volume"] = {"nocopy": True}
        return item


_PLAIN = {
    "hostname": "hostname", "user": "user", "working_dir": "working directory",
    "stop_signal": "stop signal", "tty": "tty", "stdin_open": "stdin open",
    "read_only": "read only", "dns": "dns", "dns_search": "dns search",
    "entrypoint": "entrypoint", "command": "command", "cap_add": "capabilities added",
    "cap_drop": "capabilities dropped",
}  # fmt: skip


def _mounted(fields: Mapping[str, Any]) -> Iterable[str]:
    return [name.removeprefix("mount ") for name in fields
            if name.startswith("mount ") and f"{name} read only" in fields]  # fmt: skip
