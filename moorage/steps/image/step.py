"""The step ``image``: built where it is missing, then pushed or handed to every node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from moorage.change import Action, Change, Difference, Plan
from moorage.docker_login import DockerLogin
from moorage.errors import MoorageError
from moorage.quoting import Script
from moorage.steps.base import RunScript, asked
from moorage.steps.image.observe import DIGEST_LABEL, ImageObserved, parse, probe
from moorage.transport.base import Probe, Progress
from moorage.transport.fleet import Fleet, all_or_first_failure

_MEGABYTE = 1024 * 1024

_BUILD = """
printf %s "$dockerfile" | docker build --label "$label" -t "$reference" - >&2
"""
_PUSH = """
docker push -- "$reference" >&2
"""


@dataclass(frozen=True)
class ImageDesired:
    """The image that is to be there.

    Args:
        reference: name and tag.
        dockerfile: the rendered Dockerfile.
        digest: SHA-256 of it, which the image carries as a label.
        distribution: how nodes come by it.
        nodes: inventory names of the hosts that are to have it with ``load``.
        login: of the registry that it is pushed to; None for the account's own, if any.
    """

    reference: str
    dockerfile: str
    digest: str
    distribution: Literal["load", "registry"]
    nodes: tuple[str, ...]
    login: DockerLogin | None = None


@dataclass(frozen=True)
class CopyImage:
    """Hand an image from one host to another: ``docker save``, SSH, ``docker load``."""

    reference: str
    source: str
    host: str

    @property
    def summary(self) -> str:
        return f"hand {self.reference} over from {self.source} by docker save, SSH and docker load"


class ImageStep:
    """Build with a Docker that is at hand; the builder is one of the fleet."""

    name = "image"

    def __init__(self, fleet: Fleet, builder: str, wanted: ImageDesired) -> None:
        self._fleet = fleet
        self._builder = builder
        self._wanted = wanted

    def observe(self, progress: Progress) -> Mapping[str, ImageObserved]:
        seen: Mapping[str, ImageObserved] = asked(self, self._fleet, progress)
        return seen

    def probes(self) -> dict[str, Probe]:
        nodes = self._wanted.nodes if self._wanted.distribution == "load" else ()
        return dict.fromkeys((self._builder, *nodes), probe(self._wanted.reference))

    def read(
        self, answers: Mapping[str, str | MoorageError], _progress: Progress
    ) -> Mapping[str, ImageObserved]:
        whole = all_or_first_failure(answers)
        return {name: parse(output, self._wanted.reference, name)
                for name, output in whole.items()}  # fmt: skip

    def plan(self, observed: Mapping[str, ImageObserved]) -> Plan:
        wanted, builder = self._wanted, self._builder
        changes = []
        stale = not self._as_wanted(observed[builder])
        giver = self._giver(observed)
        lacking = self._lacking(observed, giver)
        # a builder that is no node itself need not have the image that another can give
        needed = builder in wanted.nodes or wanted.distribution == "registry" or (
            giver is None and bool(lacking))  # fmt: skip
        if stale and needed:
            changes.append(self._change(builder, observed[builder], giver))
        if wanted.distribution == "registry" and (stale or not observed[builder].pushed):
            push = self._push()
            difference = Difference("in its registry", "absent", wanted.digest[:12])
            changes.append(
                Change("create", f"pushed image {wanted.reference}", builder, (difference,),
                       (push,))
            )  # fmt: skip
        changes.extend(self._change(name, observed[name], giver or builder) for name in lacking)
        return Plan(self.name, tuple(changes))

    def _giver(self, observed: Mapping[str, ImageObserved]) -> str | None:
        """A host that has the image, where all that have it agree; None: it is to be built.

        A build anew has other content, and Nexus would be started anew for it.
        """
        if self._as_wanted(observed[self._builder]):
            return self._builder
        having = [name for name, image in observed.items() if self._as_wanted(image)]
        agree = len({observed[name].content for name in having}) == 1
        return having[0] if agree else None

    def _lacking(self, observed: Mapping[str, ImageObserved], giver: str | None) -> list[str]:
        """Nodes without the image, or with another under its name and label."""
        nodes = [name for name in observed if name != self._builder]
        if giver is None:
            return nodes
        right = observed[giver].content
        return [name for name in nodes if not (
            self._as_wanted(observed[name]) and observed[name].content == right)]  # fmt: skip

    def _as_wanted(self, image: ImageObserved) -> bool:
        return image.present and image.dockerfile == self._wanted.digest

    def _build(self) -> RunScript:
        wanted = self._wanted
        variables = {
            "dockerfile": wanted.dockerfile,
            "label": f"{DIGEST_LABEL}={wanted.digest}",
            "reference": wanted.reference,
        }
        return RunScript(
            self._builder,
            Script(f"build {wanted.reference}", _BUILD, variables),
            hint="the base image must be there or be pulled: see nexus.image.base",
        )

    def _push(self) -> RunScript:
        wanted, builder = self._wanted, self._builder
        script = Script(f"push {wanted.reference}", _PUSH, {"reference": wanted.reference})
        if wanted.login:
            hint = "check user, password and rights of nexus.image.login"
            return RunScript(builder, wanted.login.around(script), hint=hint)
        registry = wanted.reference.split("/")[0]
        hint = f"set nexus.image.login, or log in on {builder} first: docker login {registry}"
        return RunScript(builder, script, hint=hint)

    def _change(self, host: str, seen: ImageObserved, giver: str | None) -> Change:
        """The image on one host, handed over by another, or built where there is none."""
        wanted = self._wanted
        before = (seen.dockerfile or "unlabelled")[:12] if seen.present else "absent"
        difference = Difference("built from Dockerfile", before, wanted.digest[:12])
        if self._as_wanted(seen):
            difference = Difference("content", seen.content[:12], f"that of {giver}")
        subject = f"image {wanted.reference}"
        action = CopyImage(wanted.reference, giver, host) if giver else self._build()
        return Change(
            "update" if seen.present else "create", subject, host, (difference,), (action,),
            # one node's failure is no other's; the giver's is all of theirs
            needs=((subject, giver or self._builder),),
        )  # fmt: skip

    def carry_out(self, action: Action, progress: Progress) -> None:
        assert isinstance(action, CopyImage)  # noqa: S101
        host = self._fleet.host(action.host)
        script = probe(action.reference).script()
        seen = parse(host.read(script), action.reference, action.host)
        source = self._fleet.host(action.source)
        built = parse(source.read(script), action.reference, action.source)
        if self._as_wanted(seen) and seen.content == built.content:
            # the Docker that built it was this host's own, reached another way
            return
        saved = source.output(["docker", "save", action.reference])
        pieces = _counted(saved.pieces(), action, progress)
        host.feed(["docker", "load", "-q"], pieces)


def _counted(pieces: Iterator[bytes], action: CopyImage, progress: Progress) -> Iterator[bytes]:
    """The same pieces, with a word of progress for every 16 MB."""
    total, told = 0, 0
    for piece in pieces:
        yield piece
        total += len(piece)
        if total - told >= 16 * _MEGABYTE:
            told = total
            progress(f"{total // _MEGABYTE} MB of {action.reference} to {action.host}")
    progress(f"{total // _MEGABYTE} MB of {action.reference} to {action.host}, loading")
