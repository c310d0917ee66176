"""The shell that changes the Swarm."""

from __future__ import annotations

from moorage.docker_login import DockerLogin
from moorage.quoting import Script
from moorage.steps.deployed import DEPLOYED, FORMER
from moorage.steps.stack.standstill_scripts import STILL
from moorage.steps.stack.volume_scripts import mount_text
from moorage.transport.base import REFUSES

_PROBE_SECONDS = 60

_DEPLOY = f"""
said=$(printf %s "$compose" | docker stack deploy --compose-file - --resolve-image "$resolve" \\
  $auth -- "$stack" 2>&1)
code=$?
printf '%s\\n' "$said" >&2
[ "$code" -eq 0 ] || exit "$code"
case "$said" in
  *"could not be accessed on a registry"*)
    echo "note: no registry tells the image's digest: it is unverified, nodes use what they have" ;;
esac
# for who wants the former one back; it may have values that are not everybody's
umask 077
[ -d "$home" ] || exit 0
# it runs again: what was noted of a standstill is of a run long gone
[ -e "$home/stopped.hold" ] || rm -f -- "$home/stopped" "$home/stopped.guard" "$home/guard"
if [ "$(cat -- "$home/{DEPLOYED}" 2>/dev/null; echo x)" != "$compose"x ]; then
  [ ! -e "$home/{DEPLOYED}" ] || mv -f -- "$home/{DEPLOYED}" "$home/{FORMER}"
  printf %s "$compose" >"$home/{DEPLOYED}.new" && mv -f -- "$home/{DEPLOYED}.new" \\
    "$home/{DEPLOYED}"
fi
"""
_PULL = """
docker pull -q -- "$image" >&2
"""
_LABEL = """
docker node update "$flag" "$label" -- "$node" >&2
"""
# docker/cli, stack/swarm/deploy_composefile.go: where this label has the image that is asked for,
# the service keeps the image that it has, whatever that is
_FORGET_IMAGE = """
docker service update --detach=true --label-rm com.docker.stack.image -- "$service" >&2
"""
_RESTART = """
docker service update --force --detach=true -- "$service" >&2
"""
# of mount(2), where the kernel knows no such file system
_NO_CLIENT = """the kernel has no NFS client
install nfs-common, and linux-modules-extra for this kernel where there is such a package; or take \
the node out of stack.placement.nodes"""
_MOUNT = """
output=$(timeout -k 5 "$seconds" docker run --sig-proxy=false --rm --network none \\
  --user "$uid:$uid" --entrypoint sh \\
  --mount "$mount" -- "$image" \\
  -c 'touch /nexus-data/.moorage-probe && rm /nexus-data/.moorage-probe' 2>&1)
code=$?
case "$code:$output" in
  124:* | 137:*) output="no answer from $server:2049 within $seconds s" ;;
  *"no such device"*) output=$nfs_client code=$refuses ;;
  *": no route to host"* | *": connection refused"* | *": connection timed out"* | \\
    *": host is down"* | *": network is unreachable"*)
    output="no answer from $server:2049: $(printf '%s' "$output" | sed 's/.*: //; q')" code=124 ;;
esac
[ "$code" -eq 0 ] || { printf '%s\\n' "$output" >&2; exit "$code"; }
"""


def deploy(
    stack: str,
    compose: str,
    *,
    from_registry: bool,
    given: bool = False,
    login: DockerLogin | None = None,
    home: str = "",
    still: bool = False,
) -> Script:
    """Deploy the stack from its rendered text.

    Digests are resolved only where the image comes from a registry: else Swarm would ask one
    that does not have it. The registry's login goes along, or nodes could not pull. The digest of
    an image that is not ours is asked for when its name changes alone: its tag may have moved.

    Args:
        given: whether the image is not ours.
        login: the registry's; None for the one that the account has, if any.
        home: folder beside the lock, where what is deployed is kept.
        still: whether nothing is deployed unless Nexus stands still since this run has stopped it.
    """
    script = Script(
        f"deploy the stack {stack}",
        (STILL if still else "") + (_DEPLOY if from_registry else _DEPLOY.replace(" $auth", "")),
        {
            "compose": compose,
            "stack": stack,
            "resolve": ("changed" if given else "always") if from_registry else "never",
            "auth": "--with-registry-auth",
            "home": home,
        },
    )
    return login.around(script) if login and from_registry else script


def pull(image: str, login: DockerLogin | None) -> Script:
    """Have a node fetch the image while the former task still runs."""
    script = Script(f"pull {image}", _PULL, {"image": image})
    return login.around(script) if login else script


def forget_image(service: str) -> Script:
    """Have the next deployment bring the image, of a service to which a hand gave another."""
    return Script(f"have {service} forget which image it was deployed with", _FORGET_IMAGE,
                  {"service": service})  # fmt: skip


def restart(service: str) -> Script:
    """Have the service's task made anew, although nothing of its definition is otherwise."""
    return Script(f"start the task of {service} anew", _RESTART, {"service": service})


def label_node(node: str, hostname: str, key: str, value: str | None) -> Script:
    """Give a node a label, or take it off with ``None``."""
    label, flag = (f"{key}={value}", "--label-add") if value else (key, "--label-rm")
    verb = "label" if value else "take the label off"
    return Script(
        f"{verb} node {hostname} {label}", _LABEL, {"flag": flag, "label": label, "node": node}
    )


def mount_probe(
    image: str, server: str, options: dict[str, str], uid: int, *, nocopy: bool
) -> Script:
    """Mount the export just as Nexus will, write a file and remove it."""
    return Script(
        f"prove that the export can be mounted from {server} and written to",
        _MOUNT,
        {
            "image": image,
            "mount": mount_text(options, nocopy=nocopy),
            "uid": uid,
            "seconds": _PROBE_SECONDS,
            "server": server,
            "nfs_client": _NO_CLIENT,
            "refuses": REFUSES,
        },
    )
