"""Steps made ready for a site, and the order in which they follow each other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from moorage.choice import KNOWN_AFTER, NEEDS
from moorage.config.render import Templates
from moorage.config.schema.base import seconds
from moorage.config.schema.site import Site
from moorage.docker_login import DockerLogin, registry_of
from moorage.errors import Unreachable
from moorage.lock_shell import HOME
from moorage.order_locks import lock_of, where
from moorage.quoting import Script
from moorage.steps.base import Step
from moorage.transport.base import Host, Progress
from moorage.transport.fleet import Fleet
from moorage.values import Secret

if TYPE_CHECKING:
    from moorage.planning import Work
    from moorage.report.text import Report
    from moorage.steps.stack import StackDesired
    from moorage.transport.http import Web

_DRY_WAIT_SECONDS = 5.0
_ANY_TRAEFIK = "3.7"


@dataclass
class Assembly:
    """Everything that the steps of one site need, made when first asked for.

    Args:
        site: what is wanted.
        fleet: the hosts.
        templates: the operator's templates.
        secret: resolves a secret reference.
        manager: inventory name of the manager to work through.
        names: the steps that are run together.
        dry_run: nothing is waited for at length.
        prune: remove from Nexus what is not in the inventory.
        resend_passwords: send Nexus the secrets that it does not give out.
        builder: where the image is built, when that is not the manager.
        makers: make further steps, by name.
        chown_recursive: give all files below the export Nexus' account.
        undo: take out of the nodes what was put in.
        only: the machines with Docker that are looked at; empty for all.
        upgrading: whether an upgrade that is not over is this run's own.
        former_image: what is brought back, in the place of the image of the inventory.
        with_data: whether this run puts the data of the inventory's version in place first.
    """

    site: Site
    fleet: Fleet
    templates: Templates
    secret: Callable[[str], Secret]
    manager: str
    names: Sequence[str] = ()
    dry_run: bool = False
    prune: bool = False
    resend_passwords: bool = False
    builder: Host | None = None
    makers: Mapping[str, Callable[[], Step]] = field(default_factory=dict)
    undo: bool = False
    chown_recursive: bool = False
    only: Sequence[str] = ()
    upgrading: bool = False
    former_image: str = ""
    with_data: bool = False

    def step(self, name: str) -> Step:
        """A step by its name, ready to be run."""
        return self.makers[name]() if name in self.makers else self.own_step(name)

    def own_step(self, name: str) -> Step:
        """A step by its name as it is without further makers."""
        makers: dict[str, Callable[[], Step]] = {
            "nfs": self._nfs,
            "nodes": self._nodes,
            "image": self._image,
            "certificate": self._certificate,
            "stack": self._stack,
            "nexus": self._nexus,
            "logins": self._logins,
        }
        return makers[name]()

    def work(
        self,
        report: Report,
        *,
        confirm: Callable[[str], None],
        wait_seconds: float = 0.0,
        vital: Collection[str] = (),
    ) -> Work:
        """A run of the assembly's steps.

        Args:
            vital: names of those of which none may be refused before anything is begun.
        """
        from moorage.gather import Gatherer
        from moorage.planning import Work

        home = lock_home(self.site)
        hosts = list(self.site.named_hosts())
        if self.builder:
            self.fleet.add(self.builder)
        steps = [self.step(name) for name in self.names]
        return Work(
            steps=steps,
            needs=NEEDS,
            known_after=KNOWN_AFTER,
            gatherer=Gatherer(self.fleet, home, hosts, report.progress_of),
            report=report,
            confirm=confirm,
            lock=lambda outcomes: lock_of(outcomes, self.site, self.fleet, home, self.manager),
            where=lambda host: where(host, self.site, self.manager),
            wait_seconds=wait_seconds,
            vital=vital,
        )

    @cached_property
    def dockerfile(self) -> str:
        from moorage import documents

        return documents.dockerfile(self.site, self.templates)

    @cached_property
    def image(self) -> str:
        from moorage import documents

        return self.former_image or documents.image_reference(self.site, self.dockerfile)

    @cached_property
    def _login(self) -> DockerLogin | None:
        """The login of the image's registry, where the inventory has one."""
        image = self.site.nexus.image
        if image.login is None or image.distribution == "load":
            return None
        password = self.secret(image.login.password)
        return DockerLogin(registry_of(image.name), image.login.user, password)

    def _nfs(self) -> Step:
        from moorage.documents.exports import exports, exports_path
        from moorage.steps.nfs.desired import NfsDesired, desired
        from moorage.steps.nfs.step import NfsStep

        def on(nodes: Sequence[str]) -> NfsDesired:
            text = exports(self.site, self.templates, nodes)
            return desired(self.site, exports_path(self.site), text, nodes,
                           recursive=self.chown_recursive)  # fmt: skip

        return NfsStep(self.fleet, self.site.nfs_name, on(()), on)

    def _nodes(self) -> Step:
        from moorage.order_nodes import nodes_step

        return nodes_step(self.fleet, self.site, lock_home(self.site), self.only, undo=self.undo)

    def _logins(self) -> Step:
        from moorage.order_nodes import logins_step

        return logins_step(
            self.fleet, self.site, lock_home(self.site), self.only, self.secret, undo=self.undo
        )

    def _image(self) -> Step:
        return self.image_step(self.site.swarm_hosts())

    def image_step(self, nodes: Iterable[str]) -> Step:
        """The step ``image`` for some nodes of the Swarm."""
        from moorage import documents
        from moorage.steps.image import ImageDesired, ImageStep

        wanted = ImageDesired(
            reference=self.image,
            dockerfile=self.dockerfile,
            digest=documents.dockerfile_digest(self.dockerfile),
            distribution="load" if self.site.nexus.image.distribution == "load" else "registry",
            nodes=tuple(nodes),
            login=self._login,
        )
        return ImageStep(self.fleet, self.builder.name if self.builder else self.manager, wanted)

    def _certificate(self) -> Step:
        from moorage.steps.certificate import CertificateStep, desired

        return CertificateStep(self.fleet, self.manager, desired(self.site, self.secret))

    def _stack(self) -> Step:
        from moorage.config.schema.ingress import AUTO
        from moorage.steps.stack import StackStep

        manager, web = self.manager, self.nexus_web()
        if self.site.ingress.version != AUTO:
            return StackStep(self.fleet, manager, web, self.any_stack())
        return StackStep(self.fleet, manager, web, self.any_stack(), self._stack_for)

    def any_stack(self) -> StackDesired:
        """The stack, but for its labels where Traefik is still to tell its version."""
        from moorage.config.schema.ingress import AUTO

        # all but the labels is the same for every version
        auto = self.site.ingress.version == AUTO
        return self._stack_for(_ANY_TRAEFIK) if auto else self._stack_desired(self.site)

    def _stack_for(self, version: str) -> StackDesired:
        from moorage.documents.stack import in_front_of

        return self._stack_desired(in_front_of(self.site, version))

    def _stack_desired(self, site: Site) -> StackDesired:
        from moorage.order_stack import stack_desired

        wanted = stack_desired(
            site, self.templates, self.image, self.dockerfile, self._login,
            image_pending="image" in self.names or bool(self.former_image),
            version="" if self.former_image or self.with_data else site.nexus.version,
            home=lock_home(self.site),
            upgrading=self.upgrading,
        )  # fmt: skip
        # what Docker does not take is told before any host is asked
        wanted.fields()
        return wanted

    def _nexus(self) -> Step:
        from moorage.steps.nexus import NexusStep, desired

        nexus = self.site.nexus
        former = nexus.former_admin_password
        return NexusStep(
            self.nexus_web(),
            desired(
                self.site, self.secret, prune=self.prune, resend_passwords=self.resend_passwords
            ),
            ready=self.ready,
            password=self.secret(nexus.admin_password),
            initial_password=self._initial_password,
            former_password=(lambda: self.secret(former)) if former else None,
            seconds=seconds(nexus.seed_timeout),
        )

    def nexus_web(self) -> Web:
        """Nexus by its name."""
        # waits poll by themselves: a retrying session would only slow them down
        return self.fleet.web(self.site.nexus.domain, retry=False)

    def ready(self, progress: Progress) -> str | None:
        """Wait until Nexus can be written to, where its service is there at all."""
        from moorage.steps.stack.converge import Wait
        from moorage.transport.nexus_status import nexus_status

        web = self.nexus_web()
        status = nexus_status(web)
        if status.writable:
            return status.version
        if "stack" in self.names:
            # that step waits for it; what is asked before is not used
            raise Unreachable(f"Nexus cannot be looked at yet: {status.phase}",
                              hint="run again when it is writable")  # fmt: skip
        service = f"{self.site.stack.name}_{self.site.stack.service}"
        limit = seconds(self.site.nexus.startup_timeout)
        wait = Wait(
            self.fleet.host(self.manager), service, _DRY_WAIT_SECONDS if self.dry_run else limit
        )
        wait.require_service(status.phase)
        return wait.until_writable(web, progress)

    def _initial_password(self) -> Secret | None:
        """What Nexus wrote at its first start; None where the file is gone."""
        path = f"{self.site.storage.export}/admin.password"
        script = Script(
            "read the password of the first boot",
            '[ ! -e "$path" ] || cat -- "$path"',
            {"path": path},
        )
        text = self.fleet.host(self.site.nfs_name).read(script).strip()
        return Secret(text) if text else None


def lock_home(site: Site) -> str:
    """The folder of a site's lock and journal on each of its hosts."""
    return f"{HOME}/{site.stack.name}"
