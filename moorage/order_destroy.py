"""What takes a site away again, made ready for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from moorage import documents, lock_shell
from moorage.errors import Locked, MoorageError, Refused
from moorage.order import lock_home
from moorage.order_clean import clean_step
from moorage.order_nodes import logins_step, nodes_step
from moorage.quoting import Script
from moorage.steps.base import Step
from moorage.steps.certificate import CertificateDesired, CertificateStep
from moorage.steps.nfs.purge import PurgeStep
from moorage.steps.stack.removal import RemovalDesired, RemoveStackStep
from moorage.values import Secret

if TYPE_CHECKING:
    from moorage.order import Assembly
    from moorage.transport.base import Host

NEEDS = {
    "nodes": ("stack",),
    "clean": ("stack",),
    "purge": ("stack",),
}
"""Steps that must not have failed before a step, the other way round than when they are made."""
# the journal stays beside, as what tells of what was done here, unless the data go too
_FORGET = """
[ -d "$home" ] || exit 0
mkdir -- "$home/lock" 2>/dev/null || exit 6
if [ "$keep" = yes ]; then
  for file in "$home/journal.jsonl.2" "$home/journal.jsonl.1" "$home/journal.jsonl"; do
    [ ! -e "$file" ] || cat -- "$file"
  done >>"$home.jsonl" || { rmdir -- "$home/lock"; exit 1; }
else
  rm -f -- "$home.jsonl"
fi
rm -rf -- "$home" && echo gone
"""

_UNDER_WAY = """
for name in upgrade.json swap; do [ ! -e "$home/$name" ] || echo "$name"; done
"""
_WAYS_ON = {"upgrade.json": ("an upgrade", "fab upgrade --back"),
            "swap": ("an exchange of the data", "fab restore")}  # fmt: skip


def refuse_under_way(assembly: Assembly) -> None:
    """Make sure that nothing is noted without which the data that stay are of no use.

    Raises:
        Refused: an upgrade or an exchange of data is not over.
    """
    home = lock_home(assembly.site)
    script = Script("see what is not over", _UNDER_WAY, {"home": home})
    site = assembly.site
    hosts = dict.fromkeys((assembly.manager, *site.hosts.managers, site.nfs_name))
    for host, said in assembly.fleet.each(hosts, lambda host: host.read(script)).items():
        for name in said.split() if isinstance(said, str) else ():
            what, way = _WAYS_ON[name]
            raise Refused(
                f"{what} is not over, and the data that stay need what {home}/{name} says of it",
                host=host,
                hint=f"bring it to its end: {way}; or remove {home}/{name} there by hand",
            )


def makers(
    assembly: Assembly, *, purge_data: bool, images: bool
) -> Mapping[str, Callable[[], Step]]:
    """The steps, in their order.

    Args:
        purge_data: delete the data and their export too.
        images: remove the images that Moorage built too.
    """
    site, home = assembly.site, lock_home(assembly.site)
    tls, stack = site.ingress.tls, site.stack.name
    going = (f"{stack}-data-", documents.volume(site).actual_name)
    kept = ("the images that were built (--images)",) * (not images)
    if not purge_data:
        where = f"{site.storage.export} on {site.nfs_name}"
        kept = (f"{where}, with all data, and its export (--purge-data)", *kept)
    removal = RemovalDesired(
        stack=stack,
        service=f"{stack}_{site.stack.service}",
        volume=documents.volume(site).actual_name,
        label=documents.placement_label(site)[0],
        hosts=tuple(site.swarm_hosts()),
        kept=kept,
        all_hosts=purge_data,
    )
    fleet, manager = assembly.fleet, assembly.manager
    found: dict[str, Callable[[], Step]] = {
        "logins": lambda: logins_step(fleet, site, home, (), assembly.secret, undo=True)
    }
    if tls and tls.certificate and tls.service:
        handed = CertificateDesired(stack, tls.service, "", "", (), "", Secret(""))
        found["certificate"] = lambda: CertificateStep(fleet, manager, handed, undo=True)
    found["stack"] = lambda: RemoveStackStep(fleet, manager, removal)
    found["nodes"] = lambda: nodes_step(fleet, site, home, (), undo=True, going=going)
    if images:
        found["clean"] = lambda: clean_step(assembly, whole=True)
    if purge_data:
        path, file = site.storage.export, documents.exports_path(site)
        found["purge"] = lambda: PurgeStep(fleet, site.nfs_name, path, file)
    return found


def folders(assembly: Assembly) -> list[str]:
    """Hosts that have the folder of lock and journal still."""
    script = Script(
        "look for the folder of lock and journal",
        '[ ! -e "$home" ] || echo there',
        {"home": lock_home(assembly.site)},
    )
    found = assembly.fleet.each(assembly.site.named_hosts(), lambda host: host.read(script))
    return [name for name, said in found.items() if isinstance(said, str) and said.strip()]


def forget(assembly: Assembly, hosts: list[str], *, keep: bool) -> dict[str, MoorageError]:
    """Take the folder of lock and journal away.

    Args:
        keep: whether the journal is kept beside it.

    Returns:
        The hosts on which that failed, and why.
    """
    home = lock_home(assembly.site)
    script = Script("take the folder of lock and journal away", _FORGET,
                    {"home": home, "keep": keep})  # fmt: skip

    def one(host: Host) -> None:
        result = host.change(script)
        if result.exit_code == lock_shell.HELD:
            raise Locked("somebody has locked it meanwhile", host=host.name,
                         hint="look: fab lock-status; then run the same again")  # fmt: skip
        result.require(script, host.name)

    ended = assembly.fleet.each(hosts, one)
    return {name: failure for name, failure in ended.items() if failure is not None}
