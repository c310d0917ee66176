"""The work item for pyinfra: directory, export file, made live when it changed, read back."""

from pyinfra import host
from pyinfra.operations import files, server

files.directory(
    name="Directory",
    path=host.data.export_path,
    user="nexus",
    group="nexus",
    mode="750",
)
export = files.put(
    name="Export file",
    src=host.data.exports,
    dest=host.data.export_file,
    user="root",
    group="root",
    mode="644",
)
server.shell(name="Make it live", commands=["exportfs -ra"], _if=export.did_change)
server.shell(name="Read it back", commands=[f"exportfs -s | grep -qF '{host.data.export_client}'"])
