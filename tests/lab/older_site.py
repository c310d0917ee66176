"""A site that began with an older version of Nexus, and stand-ins of further versions."""

from __future__ import annotations

import json
import re

# the last one migrates its data and then never can be written to
_IMAGES = {
    "3.90.0-standin": "NEXUS_STANDIN_VERSION=3.90.0",
    "3.92.0-standin": "NEXUS_STANDIN_VERSION=3.92.0",
    "3.93.0-standin": "NEXUS_STANDIN_VERSION=3.93.0 NEXUS_STANDIN_WRITABLE=false",
}


def begun(lab, fab, root, folder):
    """The inventory of such a site, which runs on a lab made anew; upgrades edit it."""
    lab.reset()
    lab.wait_ready()
    for tag, env in _IMAGES.items():
        lab.run("manager", f"printf 'FROM sonatype/nexus3:3.94.0-standin\\nENV {env}\\n' | "
                f"docker build -q -t sonatype/nexus3:{tag} -")  # fmt: skip
    text = (root / "inventories/lab/site.yml").read_text()
    for old, new in (
        ("../../.lab", str(root / ".lab")), ("version: 3.94.0", "version: 3.90.0"),
        ("3.94.0-standin", "3.90.0-standin"), ("startup_timeout: 5m", "startup_timeout: 90s"),
        ("allowed_remotes: [10.77.0.11]", "allowed_remotes: []"),
        ("api: via-ssh", "api: via-ssh\nbackup: {to: /srv/backup, floor: 1k}"),
    ):  # fmt: skip
        assert old in text, old
        text = text.replace(old, new)
    path = folder / "site.yml"
    path.write_text(text)
    up = fab("up", inventory=path)
    assert up.code == 0, up.text
    return path


def over(lab, fab):
    """Make the lab anew for whoever comes next."""
    lab.reset()
    lab.wait_ready()
    assert fab("up").code == 0


def runs(lab):
    """Version that answers, image of the service."""
    header = lab.run("manager", "curl -sk -D - -o /dev/null --resolve nexus.lab:443:127.0.0.1 "
                     "https://nexus.lab/service/rest/v1/status")  # fmt: skip
    image = lab.run("manager", "docker service inspect --format "
                    "'{{.Spec.TaskTemplate.ContainerSpec.Image}}' registry_nexus")  # fmt: skip
    found = re.search(r"Nexus/(\d+\.\d+\.\d+)", header)
    return found[1] if found else None, image.strip()


def written_by(lab):
    """The version that wrote the data last."""
    return json.loads(lab.run("nfs", "cat /srv/nexus/db/standin.json"))["version"]
