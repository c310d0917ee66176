"""A plan never says wrongly that nothing is to be changed.

Sites that are as asked are looked at, and what was seen there is altered: a word of a managed thing
by another, or anything at random. There is a change then, or an error, or what is compared was not
touched. What is to be taken away is never overlooked because its list could not be read.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from examples import examples, seeds
from hypothesis import given
from hypothesis import strategies as st
from mangled_outputs import frames, mangled
from printed import (
    DOCKER_IMAGE,
    EXPORT,
    MANAGER,
    NODES,
    WORKER,
    framed,
    part,
)

from moorage.config.inventory import load_site
from moorage.config.render import Templates
from moorage.errors import MoorageError
from moorage.order import Assembly
from moorage.steps.certificate import CertificateDesired, CertificateStep
from moorage.steps.logins import LoginDesired, LoginsStep
from moorage.steps.nodes import Common, NodeDesired, NodesStep
from moorage.values import Secret

ROOT = Path(__file__).resolve().parents[2]
CA, MIRROR = "the site's own\n", "https://mirror.lab"
CA_PATH = "/etc/docker/certs.d/registry.lab/ca.crt"
CA_DIGEST = hashlib.sha256(CA.encode()).hexdigest()
LINE = "10.77.0.11 registry.lab nexus.lab # moorage registry"
CERTIFICATE = CertificateDesired("registry", "traefik_traefik", "3.7", "/etc/traefik/dynamic",
                                 ("websecure",), "CERT", Secret("KEY"))  # fmt: skip


@dataclass(frozen=True)
class AsAsked:
    """A step whose hosts are as asked.

    Args:
        outputs: what they print, by host.
        compared: gives of what was observed all that the plan goes by.
        words: parts of what they print, each of something managed, and what each may be instead.
    """

    step: Any
    outputs: dict[str, str]
    compared: Any
    words: tuple[tuple[str, str, str], ...]

    def plan(self, outputs):
        """Whether it says that nothing is to be done, and what is compared; error for both."""
        try:
            seen = self.step.read(outputs, lambda _: None)
            made = self.step.plan(seen)
            # what is said to be unknown is not said to be as asked
            known = not any("unknown" in note for note in made.notes)
            return made.empty and known, self.compared(seen)
        except MoorageError as caught:
            failure = caught
        assert failure.hint
        return False, failure


class _Fleet:
    """Gives a Nexus that can be written to."""

    def web(self, *_, **__):
        def ask(*_, **__):
            return SimpleNamespace(status_code=200, headers={"Server": "Nexus/3.94.0 (OSS)"})

        return SimpleNamespace(base="https://nexus.lab", ask=ask)


def _step(name):
    site = load_site("lab", root=ROOT, environ={})
    image = json.loads(part(DOCKER_IMAGE, "image"))["RepoTags"][0]
    return Assembly(site, _Fleet(), Templates(ROOT), lambda _: Secret("x"), "manager",
                    former_image=image).own_step(name)  # fmt: skip


def _nfs():
    options = [("rw", "ro"), ("sync", "async"), ("wdelay", "no_wdelay"), ("hide", "nohide"),
               ("root_squash", "no_root_squash"), ("no_all_squash", "all_squash"),
               ("secure", "insecure"), ("sec=sys", "sec=krb5"), ("no_subtree_check,", ""),
               ("10.77.0.11(", "10.77.0.99("), ("/srv/nexus ", "/srv/other ")]  # fmt: skip
    return AsAsked(
        _step("nfs"), {"nfs": EXPORT},
        lambda seen: (seen.package, seen.active, seen.enabled, seen.realpath, seen.export_file,
                      seen.exported, seen.directory),
        (("package", "installed", "config-files"), ("active", "active", "failed"),
         ("enabled", "enabled", "disabled"), ("realpath", "/srv/nexus", "/mnt/raid"),
         ("directory", "directory|", "regular file|"), ("directory", "|200|200", "|0|200"),
         ("directory", "|200|200", "|200|0"), ("directory", "750", "777"),
         ("file", "10.77.0.11(rw", "10.77.0.11(ro"), ("file", "/srv/nexus", "/srv"),
         *(("exported", *pair) for pair in options)),
    )  # fmt: skip


def _stack():
    image = json.loads(part(DOCKER_IMAGE, "image"))["RepoTags"][0]
    label = json.loads(part(WORKER, "image").partition("|")[2])["moorage.dockerfile"]
    step = _step("stack")
    step._wanted = dataclasses.replace(step._wanted, image_pending=False, image_digest=label)
    worker = part(WORKER, "image").partition("|")[0]
    return AsAsked(
        step, {"manager": MANAGER, "worker": WORKER},
        lambda seen: (
            {name: (node.labels, node.hostname) for name, node in seen.swarm.items()},
            "proxy" in seen.networks, seen.services,
            # a node need not have the volume yet
            {name: (node.volume or dict(step._wanted.volume_options), node.image is None)
             for name, node in seen.nodes.items()},
        ),
        (("manager nodes", '"moorage.registry": "nexus"', '"moorage.registry": "other"'),
         ("manager nodes", '"moorage.registry": "nexus"', '"moorage.other": "nexus"'),
         ("manager nodes", '"ID": "m3', '"ID": "x3'),
         ("worker swarm", '"NodeID":"m3', '"NodeID":"x3'),
         ("manager networks", " proxy ", " proxy-2 "),
         ("manager networks", "proxy swarm", "proxy local"),
         ("manager services", image, f"{image}0"),
         ("manager services", '"traefik.enable": "true"', '"traefik.enable": "false"'),
         ("manager services", '"Replicas": 1', '"Replicas": 2'),
         ("worker image", label[:8], "00000000"), ("worker image", "sha256:", "sha:"),
         ("worker volumes", "nfsvers=4.2", "nfsvers=3"), ("worker volumes", ",hard", ",soft"),
         ("worker volumes", '":/srv/nexus"', '":/srv/other"'),
         ("worker volumes", '"type": "nfs"', '"type": "nfs4"'),
         ("worker containers", worker, f"sha256:{'0' * 64}")),
    )  # fmt: skip


def _image():
    words = ('"User":"200"', '"User":"0"'), ("PYTHONUNBUFFERED=1", "PYTHONUNBUFFERED=0"), (
        '"Cmd":["python3"', '"Cmd":["python2"'), ('"Layers":["sha256:6', '"Layers":["sha256:7'), (
        '"moorage.dockerfile":"', '"moorage.dockerfile":"0')  # fmt: skip
    return AsAsked(
        _step("image"), {"manager": DOCKER_IMAGE, "worker": DOCKER_IMAGE},
        lambda seen: {name: (one.present, one.dockerfile, one.content)
                      for name, one in seen.items()},
        tuple(("worker image", *pair) for pair in words),
    )  # fmt: skip


def _nodes():
    wanted = NodeDesired(nfs=True, certificates={CA_PATH: CA}, address="10.77.0.11",
                         names=("registry.lab", "nexus.lab"), mirror=MIRROR)  # fmt: skip
    common = Common("/var/lib/moorage/registry", " # moorage registry", ("registry.lab",),
                    ("nfs4", "nfsv4"))  # fmt: skip
    output = framed({
        "os": "debian ", "package": "installed", "kernel": "", "mounts": "",
        "certificates": f"{CA_DIGEST}  {CA_PATH}", "hosts": f"127.0.0.1 localhost\n{LINE}",
        "names": "registry.lab\nnexus.lab", "daemon": json.dumps({"registry-mirrors": [MIRROR]}),
        "engine": f"20.10.24|{json.dumps([MIRROR + '/'])}", "put": part(NODES, "put"),
    })  # fmt: skip
    return AsAsked(
        NodesStep(None, {"worker": wanted}, common), {"worker": output},
        # a name may be known by any line
        lambda seen: (seen["worker"].package, dict(seen["worker"].certificates).get(CA_PATH),
                      MIRROR in seen["worker"].mirrors),
        (("package", "installed", "not-installed"), ("certificates", CA_DIGEST[:8], "00000000"),
         ("certificates", "registry.lab", "other.lab"), ("hosts", "10.77.0.11", "10.77.0.99"),
         ("hosts", " nexus.lab", ""), ("engine", "mirror.lab", "other.lab"),
         ("daemon", "mirror.lab", "other.lab")),
    )  # fmt: skip


def _logins():
    step = LoginsStep(None, LoginDesired("/h", "registry.lab", "reader", Secret("x"), ("worker",)))
    return AsAsked(
        step, {"worker": framed({"login": "helper box\nlogin same reader", "put": ""})},
        lambda seen: (seen["worker"].user, seen["worker"].same),
        (("login", "same", "other"), ("login", "reader", "writer"), ("login", "\nlogin", "\nlog")),
    )  # fmt: skip


def _certificate():
    parts = CERTIFICATE.parts("3.7")
    given = {f"{kind}s".title(): [
        {f"{kind.title()}Name": one.name, "File": {"Name": one.target}}
        for one in parts if one.kind == kind
    ] for kind in ("secret", "config")}  # fmt: skip
    container = {"Image": "traefik:v3.7@sha256:0", "Args": [
        "--entrypoints.websecure.address=:443", "--providers.file.directory=/etc/traefik/dynamic",
    ], **given}  # fmt: skip
    names = {kind: [one.name for one in parts if one.kind == kind] for kind in ("secret", "config")}
    output = framed({
        "service": json.dumps([{"Spec": {"TaskTemplate": {"ContainerSpec": container}}}], indent=4),
        "secrets": "\n".join(names["secret"]), "configs": "\n".join(names["config"]),
    })  # fmt: skip
    return AsAsked(
        CertificateStep(None, "boss", CERTIFICATE), {"boss": output},
        lambda seen: (dict(seen.mounted), seen.there),
        (("service", names["secret"][0], f"{names['secret'][0]}0"),
         ("service", names["config"][0], "other"), ("service", "registry-certificate.key", "x"),
         ("service", "traefik/dynamic/registry", "traefik/other/registry"),
         ("secrets", names["secret"][0], f"{names['secret'][0]}0")),
    )  # fmt: skip


STEPS = {"nfs": _nfs, "stack": _stack, "image": _image, "nodes": _nodes, "logins": _logins,
         "certificate": _certificate}  # fmt: skip


@cache
def as_asked(name):
    return STEPS[name]()


@pytest.mark.parametrize("name", STEPS)
def test_what_is_as_asked_is_left_alone(name):
    case = as_asked(name)

    assert case.plan(case.outputs)[0], case.plan(case.outputs)


@pytest.mark.parametrize(("name", "word"), [(name, word) for name, make in STEPS.items()
                                            for word in make().words])  # fmt: skip
def test_each_managed_word_that_is_otherwise_is_a_change_or_an_error(name, word):
    case = as_asked(name)
    place, before, after = word
    host, _, inside = place.rpartition(" ")
    host = host or next(iter(case.outputs))
    output = case.outputs[host]
    begin, end = next((at, to) for frame, at, to, _ in frames(output)
                      if output[frame:at].split()[1] == inside)  # fmt: skip
    assert before in output[begin:end]
    altered = output[:begin] + output[begin:end].replace(before, after) + output[end:]

    assert not case.plan({**case.outputs, host: altered})[0]


@examples(120)
@given(st.sampled_from(sorted(STEPS)), seeds)
def test_no_accident_ends_in_nothing_to_do_where_it_touched_what_is_compared(name, seed):
    case, random = as_asked(name), Random(seed)
    host = random.choice(sorted(case.outputs))

    empty, seen = case.plan({**case.outputs, host: mangled(random, case.outputs[host])})

    assert not empty or seen == case.plan(case.outputs)[1]
