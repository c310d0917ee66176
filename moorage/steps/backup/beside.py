"""The stack beside the service in which a backup is proven: how it comes, answers and goes."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moorage.docker_login import DockerLogin
from moorage.quoting import Script, Value
from moorage.steps.backup import beside_scripts as shell
from moorage.transport.base import Progress
from moorage.transport.http import Web

_NETWORK, _VOLUME = "quiet", "data"
_GONE_SECONDS = 300


@dataclass(frozen=True)
class Beside:
    """What the stack is made of.

    Args:
        stack: its name; service: full name of its only service.
        compose: the stack file of the site, parsed; service_key: its Nexus in it.
        volume: driver options of a volume with the data of a directory of the NFS host.
        home: folder of lock and journal on the NFS host.
        pulled: whether nodes fetch the image from a registry; login: of that registry.
        export_file: the file that exports the directory; export: makes its text and says who is
            let in, of a directory's path.
        export_script: makes an export live, of file, text, path and clients.
        await_it: waits until its Nexus can be written to; gives a way to it.
    """

    stack: str
    service: str
    compose: Mapping[str, Any]
    service_key: str
    volume: Callable[[str], Mapping[str, str]]
    home: str
    pulled: bool
    login: DockerLogin | None
    export_file: str
    export: Callable[[str], tuple[str, Sequence[str]]]
    export_script: Callable[[str, str, str, list[str]], Script]
    await_it: Callable[[Progress], Web]

    def let_in(self, folder: str) -> Script:
        """Export the directory to those that may mount the service's own."""
        text, clients = self.export(folder)
        return self.export_script(self.export_file, text, folder, list(clients))

    def deploy(self, folder: str, image: str) -> Script:
        """Run an image over the directory, where nothing reaches it and it reaches nothing."""
        values: dict[str, Value] = {
            "stack": self.stack, "compose": json.dumps(self.stack_file(folder, image)),
            "resolve": "always" if self.pulled else "never",
        }  # fmt: skip
        script = Script(f"deploy the stack {self.stack}", shell.DEPLOY, values)
        return self.login.around(script) if self.login else script

    def stack_file(self, folder: str, image: str) -> dict[str, Any]:
        """The service as the site has it, but for all that leads to others."""
        service = copy.deepcopy(dict(self.compose["services"][self.service_key]))
        for key in ("ports", "configs", "secrets", "extra_hosts", "dns", "logging"):
            service.pop(key, None)
        deploy = dict(service.get("deploy") or {})
        for key in ("labels", "update_config", "rollback_config"):
            deploy.pop(key, None)
        deploy |= {"replicas": 1, "restart_policy": {"condition": "none"}}
        service |= {
            "image": image, "deploy": deploy, "networks": [_NETWORK],
            "volumes": [{"type": "volume", "source": _VOLUME, "target": "/nexus-data",
                         "volume": {"nocopy": True}}],
        }  # fmt: skip
        head = {"version": self.compose["version"]} if "version" in self.compose else {}
        return {
            **head,
            "services": {self.service_key: service},
            "volumes": {_VOLUME: {"driver_opts": dict(self.volume(folder))}},
            "networks": {_NETWORK: {"driver": "overlay", "internal": True}},
        }

    def await_writable(self, progress: Progress) -> Web:
        """Wait until its Nexus can be written to; give a way to it.

        Raises:
            MoorageError: it does not come up.
        """
        return self.await_it(progress)

    def remove(self) -> Script:
        """Remove the stack, and wait until nothing of it is left."""
        return Script(f"remove the stack {self.stack}", shell.REMOVE,
                      {"stack": self.stack, "seconds": _GONE_SECONDS})  # fmt: skip

    def remove_volume(self, folder: str) -> Script:
        """Remove its volume from a node; it holds no data, being a mount."""
        values: dict[str, Value] = {"volume": f"{self.stack}_{_VOLUME}", "service": self.service,
                  "seconds": _GONE_SECONDS}  # fmt: skip
        return Script(f"remove the volume that mounts {folder}", shell.REMOVE_VOLUME, values)

    def shut_out(self, folder: str) -> Script:
        """Take the export back, and remove the directory."""
        return Script(f"remove {folder} and its export", shell.SHUT_OUT,
                      {"file": self.export_file, "folder": folder, "home": self.home})  # fmt: skip
