"""A whole site for pyinfra: the export, then what Docker and Nexus say; nothing is changed."""

from pathlib import Path
from urllib.request import urlopen

from pyinfra import host, local
from pyinfra.operations import server

if "nfs" in host.groups:
    local.include(str(Path(__file__).with_name("deploy.py")))
else:
    server.shell(name="Docker", commands=host.data.looks)
    if host.data.nexus_url:
        urlopen(host.data.nexus_url, timeout=15).close()  # noqa: S310  the bench writes it
