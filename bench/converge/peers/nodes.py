"""Machines with Docker for pyinfra: the registry's CA, its names, and the looks that are shell."""

from pyinfra import host
from pyinfra.operations import files, server

files.put(
    name="CA",
    src=host.data.ca,
    dest=host.data.ca_file,
    user="root",
    group="root",
    mode="644",
)
files.line(
    name="Names",
    path=host.data.hosts_file,
    line=host.data.hosts_line,
    escape_regex_characters=True,
)
with open(host.data.looks) as looks:
    server.shell(name="Package, kernel, names and Docker", commands=[looks.read()])
