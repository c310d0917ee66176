"""The work item with plain Fabric, as its own documents have it: three commands on an
unchanged host.
"""

import io
import os

from fabric import task


@task
def item(c):
    """Directory, export file, made live when it changed, read back."""
    path, file = os.environ["EXPORT_PATH"], os.environ["EXPORT_FILE"]
    with open(os.environ["EXPORTS"]) as source:
        text = source.read()
    found = c.run(f"stat -c '%F %u:%g %a' {path}", hide=True, warn=True)
    if found.stdout.strip() != "directory 200:200 750":
        c.run(f"mkdir -p {path} && chown 200:200 {path} && chmod 750 {path}", hide=True)
    found = c.run(f"cat {file}", hide=True, warn=True)
    if found.stdout != text:
        c.put(io.StringIO(text), file)
        c.run(f"chmod 644 {file} && exportfs -ra", hide=True)
    found = c.run("exportfs -s", hide=True)
    if os.environ["EXPORT_CLIENT"] not in found.stdout:
        raise SystemExit("not exported")
    print("all as asked")
