"""No Traefik in front: Nexus' ports published, and a real nginx with what ``inv render`` prints."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.topology import GATEWAY
from tests.proxies.programs import NGINX, debian

pytestmark = [pytest.mark.lab, pytest.mark.long, pytest.mark.proxies]

PORT = 8443
PORTS = f"""\
  kind: ports
  port: {PORT}
  address: {GATEWAY}
  published: {{{{mode: {{mode}}, push: 18083}}}}
"""
TRAEFIK = '  version: "3.7"\n  network: proxy\n'


@pytest.fixture
def certificate(tmp_path) -> tuple[Path, Path]:
    """Of the proxy: its own CA."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=own", "-addext",
         "subjectAltName=DNS:nexus.lab,DNS:registry.lab", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


@contextmanager
def nginx(lab, home, rendered):
    """An nginx beside the guests, on the lab's own network."""
    file, whole = home / "rendered.conf", home / "nginx.conf"
    file.write_text(rendered)
    # a daemon that kept its stderr would never let go of who started it
    settings = NGINX.format(home=home, file=file, daemon="on", log=home / "error.log")
    whole.write_text(f"user root;\n{settings}")
    words = [debian("nginx"), "-p", str(home), "-c", str(whole)]
    lab.exec(words)
    try:
        yield
    finally:
        lab.exec([*words, "-s", "stop"])


@pytest.mark.parametrize("mode", ["ingress", pytest.param("host", marks=pytest.mark.long)])
def test_a_proxy_of_ones_own(lab, fab, inv, site_up, variant, certificate, root, tmp_path, mode):
    cert, key = certificate
    ours = PORTS.format(mode=mode)
    inventory = variant((TRAEFIK, ours), (f"{root}/.lab/ca.crt", str(cert)))
    made = inv("render", "--proxy", "nginx", "--certificate", str(cert), "--key", str(key),
               inventory=inventory)  # fmt: skip
    assert made.code == 0, made.text
    before = fab("doctor", inventory=inventory)
    assert f"{GATEWAY}:{PORT} refuses connections" in before.text
    assert "8081, 8082, 18083 for a proxy of one's own" in before.text
    assert "  traefik: " not in before.text

    with nginx(lab, tmp_path, made.out):
        try:
            _works(lab, fab, inventory, mode)
        finally:
            back = fab("deploy")
    assert back.code == 0, back.text
    assert fab("verify").code == 0


def _works(lab, fab, inventory, mode):
    ran = fab("deploy", inventory=inventory)
    assert ran.code == 0, ran.text
    assert fab("plan", "--check", "--step", "stack", inventory=inventory).code == 0

    ran = fab("verify", inventory=inventory)
    assert ran.code == 0, ran.text
    assert "push of" in ran.text

    # docker looks for the port among those of the same mode, and says nothing where it finds none
    lab.run("manager", "docker service update -q --publish-rm "
                       f"target=8083,mode={mode} registry_nexus")  # fmt: skip
    ports = "docker service inspect --format '{{json .Spec.EndpointSpec.Ports}}' registry_nexus"
    assert "18083" not in lab.run("manager", ports)
    ran = fab("plan", "--check", "--step", "stack", inventory=inventory)
    assert ran.code == 2, ran.text
    assert "18083→8083/tcp" in ran.text
