"""Makes the recordings anew from a running lab, with the scripts that Moorage itself sends.

Run: ``python tests/recorded/record.py .lab/ssh_config`` while the lab runs the registry.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from moorage import documents  # noqa: E402
from moorage.config.inventory import load_site  # noqa: E402
from moorage.config.render import Templates  # noqa: E402
from moorage.config.schema.site import Site  # noqa: E402
from moorage.order import lock_home  # noqa: E402
from moorage.quoting import Script  # noqa: E402
from moorage.steps.image.observe import probe as image_probe  # noqa: E402
from moorage.steps.nfs.observe import probe as nfs_probe  # noqa: E402
from moorage.steps.nodes.observe import probe as nodes_probe  # noqa: E402
from moorage.steps.stack.observe import manager_probe, node_probe  # noqa: E402
from moorage.steps.stack.tasks import poll  # noqa: E402
from moorage.transport.base import Probe  # noqa: E402

_HERE = Path(__file__).resolve().parent
_VERSION = Script("version", "docker version --format '{{.Server.Version}}'")
_SYSTEM = Script("system", '. /etc/os-release; echo "$ID-$VERSION_ID"')


def _answer(config: str, host: str, script: Script) -> str:
    done = subprocess.run(
        ["ssh", "-F", config, host, "sh", "-s"],
        input=script.text().encode(),
        stdout=subprocess.PIPE,
        timeout=60,
        check=True,
    )
    return done.stdout.decode()


def _nodes(site: Site) -> Probe:
    names = (site.registry.domain, site.nexus.domain)
    return nodes_probe(lock_home(site), names, *documents.kernel_client(site))


def main(config: str) -> None:
    site = load_site("lab", root=ROOT, environ={})
    dockerfile = documents.dockerfile(site, Templates(ROOT))
    image = documents.image_reference(site, dockerfile)
    volume = documents.volume(site).actual_name
    stack = site.stack.name
    service = f"{stack}_{site.stack.service}"
    docker = Path("docker") / ".".join(_answer(config, "manager", _VERSION).split(".")[:2])
    nfs = Path("nfs") / _answer(config, "nfs", _SYSTEM).strip()
    export = nfs_probe(site.storage.export, documents.exports_path(site))
    for host, script, name in (
        (
            "manager",
            manager_probe(stack, image, volume, [service]).script(),
            docker / "manager.txt",
        ),
        ("worker", node_probe(stack, image, volume).script(), docker / "worker.txt"),
        ("manager", poll(service), docker / "tasks.txt"),
        ("worker", image_probe(image).script(), docker / "image.txt"),
        ("worker", _nodes(site).script(), docker / "nodes.txt"),
        ("nfs", export.script(), nfs / "export.txt"),
    ):
        path = _HERE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_answer(config, host, script), encoding="utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main(sys.argv[1])
