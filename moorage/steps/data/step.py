"""The step ``data``: from a node's own disk to the export, with Nexus stopped for the last of it.

The former place is never written to and never removed.
"""

from __future__ import annotations

from collections.abc import Mapping

from moorage.change import Action, Change, Difference, Plan
from moorage.errors import MoorageError, Refused
from moorage.steps.base import RunScript, asked
from moorage.steps.data import scripts
from moorage.steps.data.desired import DataDesired, Move
from moorage.steps.data.move import Converge, Mover
from moorage.steps.data.observe import (
    RSYNC,
    DataObserved,
    ExportData,
    NodeData,
    Place,
    ServiceData,
    export_probe,
    manager_probe,
    node_probe,
    parse_export,
    parse_manager,
    parse_node,
)
from moorage.steps.data.words import bytes_in_words
from moorage.transport.base import Probe, Progress
from moorage.transport.fleet import Fleet, all_or_first_failure

_ROOM = 1.02
"""Of what is copied, for directories and what is written meanwhile."""


class DataStep:
    """Move what a service has in a volume or directory of a node into the export.

    Args:
        manager: inventory name of the one worked through.
        converge: waits for the service after the switch.
    """

    name = "data"

    def __init__(self, fleet: Fleet, manager: str, wanted: DataDesired, converge: Converge) -> None:
        self._fleet = fleet
        self._manager = manager
        self._wanted = wanted
        self._converge = converge

    def observe(self, progress: Progress) -> DataObserved:
        seen: DataObserved = asked(self, self._fleet, progress)
        return seen

    def probes(self) -> dict[str, Probe]:
        wanted = self._wanted
        node = node_probe(wanted.stack, wanted.service)
        found = dict.fromkeys(wanted.machines, node)
        found[self._manager] = manager_probe(wanted.stack, wanted.service)
        # where the NFS host is in the Swarm too, it has a second name in the inventory
        return {**found, wanted.nfs: export_probe(wanted.export, wanted.home)}

    def read(self, answers: Mapping[str, str | MoorageError], _progress: Progress) -> DataObserved:
        """All must answer: nobody may run Nexus while its data are moved."""
        wanted = self._wanted
        whole = all_or_first_failure(answers)
        service, tasks = parse_manager(whole[self._manager], self._manager)
        return DataObserved(
            service=service,
            tasks=tasks,
            nodes={name: parse_node(whole[name], name) for name in wanted.machines},
            export=parse_export(whole[wanted.nfs], wanted.export, wanted.nfs),
        )

    def plan(self, observed: DataObserved) -> Plan:
        wanted, service = self._wanted, observed.service
        if service is None:
            raise Refused(
                f"there is no service {wanted.service}: nothing is to be moved",
                host=self._manager,
                hint="fab up makes one, with its data on the export",
            )
        if service.by_nfs:
            return Plan(
                self.name,
                tuple(self._left_over(observed.export)),
                (f"the data of {wanted.service} are on an NFS server already",),
            )
        node, path = self._source(service, observed.nodes)
        seen = observed.nodes[node]
        place = Place(path, "") if path not in seen.places else seen.places[path]
        words = (
            f"the directory {path}" if service.kind == "bind" else f"the volume {service.source}"
        )
        self._refuse(node, seen, place, observed.export, words)
        changes = [] if seen.rsync else [self._rsync(node, seen)]
        changes.append(self._move(service, observed, node, place, words))
        return Plan(self.name, tuple(changes), (_size(place, observed.export, words),))

    def carry_out(self, action: Action, progress: Progress) -> None:
        assert isinstance(action, Move)  # noqa: S101
        Mover(self._fleet, self._wanted, action, self._converge, progress).carry_out()

    def _left_over(self, export: ExportData) -> list[Change]:
        """A note that a run could not take away any more: the export is Nexus' own now."""
        if not export.mark:
            return []
        wanted = self._wanted
        difference = Difference("kept for", export.mark, None)
        return [Change("remove", "note of the copy", wanted.nfs, (difference,),
                       (RunScript(wanted.nfs, scripts.unclaim(wanted)),))]  # fmt: skip

    def _source(self, service: ServiceData, nodes: Mapping[str, NodeData]) -> tuple[str, str]:
        """The node that has the data, and where on it.

        Raises:
            Refused: none has, or it is not clear which.
        """
        found = {}
        for name, node in nodes.items():
            path = node.volumes.get(service.source) if service.kind == "volume" else service.source
            if path and (path in node.places or path in node.used):
                found[name] = path
        running = [name for name in found if nodes[name].runs]
        used = [name for name in found if found[name] in nodes[name].used]
        asked_for = self._wanted.source
        if asked_for:
            if asked_for not in found:
                raise Refused(f"there is no {service.kind} {service.source} on {asked_for}",
                              hint=f"--source takes {', '.join(found) or 'nothing'}")  # fmt: skip
            return asked_for, found[asked_for]
        sure = running or used or list(found)
        if len(sure) == 1:
            return sure[0], found[sure[0]]
        where = f"on {', '.join(sure)}" if sure else "nowhere"
        raise Refused(
            f"it is not clear where the data are: {service.kind or 'nothing'} {service.source} is "
            f"{where}",
            hint="say by --source NODE whose are right" if sure else "nothing can be moved",
        )

    def _refuse(
        self, node: str, seen: NodeData, place: Place, export: ExportData, words: str
    ) -> None:
        """Stop before anything is copied that could not be.

        Raises:
            Refused: no rights, no tools, no export, other files in it, or no room.
        """
        wanted = self._wanted
        if not seen.root:
            raise Refused("to mount the export and read the data takes root", host=node,
                          hint="set ssh.sudo: true")  # fmt: skip
        if seen.lacking:
            raise Refused(f"{', '.join(seen.lacking)} is missing", host=node,
                          hint="install util-linux and coreutils there")  # fmt: skip
        if place.kind == "nfs":
            raise Refused(
                f"{words} lies on an NFS server already", host=node,
                hint="where that is the export itself: "
                f"docker service rm {wanted.service}, then fab deploy",
            )  # fmt: skip
        if place.within:
            raise Refused(
                f"{place.within} is mounted in {words}, and would not be moved along", host=node,
                hint="stop the stack, move what is in it to where it is mounted, and unmount it",
            )  # fmt: skip
        if not export.there or not export.exported or export.uid != wanted.uid:
            raise Refused(f"{wanted.export} is not exported yet, or not Nexus' own",
                          host=wanted.nfs, hint="run fab nfs-setup first")  # fmt: skip
        if export.entries and export.mark != wanted.mark(words, node):
            raise Refused(
                f"{wanted.export} has files in it: {', '.join(export.entries)}", host=wanted.nfs,
                hint="name an empty directory in storage.export, or empty that one by hand",
            )  # fmt: skip
        _refuse_full(place, export, wanted.nfs)

    def _rsync(self, node: str, seen: NodeData) -> Change:
        script = RSYNC.install("install rsync", seen.distribution, proxy=self._wanted.package_proxy)
        return Change("create", "package rsync", node,
                      (Difference("package", "absent", "installed"),), (RunScript(node, script),),
                      shown_by=("rsync",))  # fmt: skip

    def _move(
        self, service: ServiceData, observed: DataObserved, node: str, place: Place, words: str
    ) -> Change:
        wanted = self._wanted
        move = Move(
            host=node, manager=self._manager, place=words, path=place.path,
            volume=service.source if service.kind == "volume" else "",
            replicas=service.replicas or 1, former_update=service.update,
            former_tasks=observed.tasks,
        )  # fmt: skip
        compared = (
            "every file" if wanted.checksums == "all" else "all but blobs, and a sample of those"
        )
        differences = (
            Difference("place", f"{words} on {node}", f"{wanted.options.get('device')} of "
                       f"{wanted.server}, volume {wanted.volume}"),
            Difference("Nexus", "runs", "stopped for the second copy and the comparison"),
            Difference("compared", None, f"names, sizes, times; SHA-256 of {compared}"),
        )  # fmt: skip
        actions = (
            RunScript(wanted.nfs, scripts.claim(wanted, wanted.mark(words, node))),
            move,
            RunScript(wanted.nfs, scripts.unclaim(wanted)),
        )
        return Change("update", "data of Nexus", self._manager, differences, actions)


def _size(place: Place, export: ExportData, words: str) -> str:
    """What is to be copied, and what there is room for. It grows while Nexus runs, so it is no part
    of the change that is agreed to.
    """
    free = f"the export has {bytes_in_words(export.free)} free"
    if place.bytes:
        return f"{bytes_in_words(place.bytes)} in {place.files} files to copy; {free}"
    return (f"what is in {words} could not be counted in time: the first copy, while Nexus runs, "
            f"will tell whether there is room for it; {free}")  # fmt: skip


def _refuse_full(place: Place, export: ExportData, host: str) -> None:
    needed = int(place.bytes * _ROOM) - export.used
    if place.bytes and needed > export.free:
        raise Refused(
            f"the export has {bytes_in_words(export.free)} free, and {bytes_in_words(needed)} are "
            "needed", host=host, hint="make room there first",
        )  # fmt: skip
    if export.inodes is not None and place.files > export.inodes:
        raise Refused(f"the export has {export.inodes} inodes free, and {place.files} are needed",
                      host=host, hint="make room there first")  # fmt: skip
