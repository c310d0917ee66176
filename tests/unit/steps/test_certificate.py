"""The step certificate: what is refused, made, given to Traefik and removed; and its shell."""

from __future__ import annotations

import dataclasses
import json
import subprocess

import pytest

from moorage.errors import Refused
from moorage.steps.certificate import CertificateDesired, CertificateStep, desired
from moorage.steps.certificate.observe import CertificateObserved, parse
from moorage.steps.certificate.pem import refuse_unusable
from moorage.values import Secret


def made(folder, names):
    """A certificate of its own and its key, as texts."""
    files = folder / "one.pem", folder / "one.key"
    extension = ["-addext", f"subjectAltName={','.join(f'DNS:{item}' for item in names)}"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=x", *(extension if names else []),
         "-out", files[0], "-keyout", files[1]],
        check=True, capture_output=True,
    )  # fmt: skip
    files[1].chmod(0o600)
    return files[0].read_text(), Secret(files[1].read_text())


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return made(tmp_path_factory.mktemp("pair"), ["nexus.lab", "*.lab"])


@pytest.fixture
def wanted():
    return CertificateDesired("registry", "traefik_traefik", "3.7", "/etc/traefik/dynamic",
                              ("websecure",), "CERT", Secret("KEY"))  # fmt: skip


ARGUMENTS = ("--entrypoints.websecure.address=:443",
             "--providers.file.directory=/etc/traefik/dynamic")  # fmt: skip


def step(wanted, fleet=None):
    return CertificateStep(fleet, "manager", wanted)


def observed(**changes):
    seen = CertificateObserved("traefik:v3.7", {}, ARGUMENTS, frozenset())
    return dataclasses.replace(seen, **changes)


def done(wanted, version="3.7"):
    parts = wanted.parts(version)
    return observed(
        mounted={(part.kind, part.target): part.name for part in parts},
        there=frozenset((part.kind, part.name) for part in parts),
    )


def test_from_nothing_three_things_are_made_and_given_in_one_update(wanted):
    plan = step(wanted).plan(observed())

    assert [change.verb for change in plan.changes] == ["create"] * 3 + ["update"]
    options = plan.changes[-1].actions[0].script.variables["options"]
    parts = wanted.parts("3.7")
    assert options == tuple(f"--{part.kind}-add=source={part.name},target={part.target}"
                            for part in parts)  # fmt: skip
    assert [part.target for part in parts] == [
        "registry-certificate.crt", "registry-certificate.key",
        "/etc/traefik/dynamic/registry-certificate.yml",
    ]  # fmt: skip


def test_what_is_as_asked_is_left_alone(wanted):
    assert step(wanted).plan(done(wanted)).empty


def test_a_renewed_certificate_takes_the_place_of_the_former_which_then_goes(wanted):
    renewed = dataclasses.replace(wanted, certificate="NEW", key=Secret("NEW KEY"))
    plan = step(renewed).plan(done(wanted))
    before, after = wanted.parts("3.7"), renewed.parts("3.7")

    assert [(change.verb, change.subject) for change in plan.changes] == [
        ("create", f"secret {after[0].name}"), ("create", f"secret {after[1].name}"),
        ("update", "service traefik_traefik"),
        *(("remove", f"secret {part.name}")
          for part in sorted(before[:2], key=lambda part: part.name)),
    ]  # fmt: skip
    options = plan.changes[2].actions[0].script.variables["options"]
    assert f"--secret-rm={before[0].name}" in options
    assert f"--secret-add=source={after[0].name},target=registry-certificate.crt" in options
    assert "NEW KEY" not in repr(plan)


def test_what_others_have_given_to_traefik_is_left_alone(wanted):
    seen = done(wanted)
    mounted = {**seen.mounted, ("secret", "server_crt"): "traefik_server_crt",
               ("config", "/etc/traefik/dynamic/tls.yml"): "traefik_tls"}  # fmt: skip
    assert step(wanted).plan(dataclasses.replace(seen, mounted=mounted)).empty


def test_a_file_for_another_version_is_taken_away(wanted):
    plan = step(wanted).plan(dataclasses.replace(done(wanted, "1.7"), image="traefik:v3.7"))
    options = plan.changes[1].actions[0].script.variables["options"]
    assert f"--config-rm={wanted.parts('1.7')[2].name}" in options
    assert plan.changes[-1].title.startswith("remove config ")


def test_where_the_version_is_asked_the_images_tag_decides_the_form(wanted):
    auto = dataclasses.replace(wanted, version="")
    seen = observed(image="traefik:v1.7.34", arguments=())
    assert step(auto).plan(seen).changes[2].subject.endswith(wanted.parts("1.7")[2].name)
    seen = observed(image="traefik:latest")
    assert step(auto).plan(seen).changes[2].subject.endswith(wanted.parts("3.7")[2].name)


@pytest.mark.parametrize(
    "changes,said",
    [
        ({"image": None}, "there is no service traefik_traefik"),
        ({"arguments": ARGUMENTS[:1]}, "reads no files"),
        ({"arguments": (ARGUMENTS[0], "--Providers.File.Directory=/etc/other")},
         "reads files from /etc/other"),
    ],
)  # fmt: skip
def test_a_traefik_that_would_not_see_it_is_refused(wanted, changes, said):
    with pytest.raises(Refused, match=said):
        step(wanted).plan(observed(**changes))


@pytest.mark.parametrize("arguments", [(), ("--configFile=/etc/traefik.toml",)])
def test_static_options_that_are_not_seen_stop_nothing(wanted, arguments):
    assert step(wanted).plan(observed(arguments=arguments)).changes


@pytest.mark.parametrize(
    "names,fresh,domains,said",
    [
        (["nexus.lab", "*.lab"], True, ["nexus.lab", "registry.lab"], None),
        (["nexus.lab"], True, ["nexus.lab", "registry.lab"],
         "it is not for registry.lab but for nexus.lab"),
        ([], True, ["nexus.lab"], "it is not for nexus.lab but for no name"),
        (["*.lab"], True, ["a.b.lab"], "it is not for a.b.lab"),
        (["nexus.lab"], False, ["nexus.lab"], "it expired at "),
    ],
)  # fmt: skip
def test_a_certificate_that_clients_would_refuse_is_refused(tmp_path, names, fresh, domains, said):
    certificate, key = made(tmp_path, names) if fresh else expired(names)
    if said is None:
        refuse_unusable(certificate, key, domains)
        return
    with pytest.raises(Refused, match=said):
        refuse_unusable(certificate, key, domains)


def expired(names):
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
        .public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=3)).not_valid_after(now - timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(list(map(x509.DNSName, names))), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())  # fmt: skip
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), Secret(text.decode())


def test_a_key_of_another_certificate_is_refused_without_a_word_of_it(tmp_path, pair):
    _, other = made(tmp_path, ["nexus.lab"])
    with pytest.raises(Refused, match="is not the key of its first certificate") as caught:
        refuse_unusable(pair[0], other, [])
    assert other.reveal()[30:60] not in "\n".join(caught.value.lines())


@pytest.mark.parametrize(
    "certificate,key,said",
    [("no PEM", None, "holds no PEM certificate"), (None, "no PEM", "leads to no PEM key")],
)
def test_what_is_no_pem_is_refused(pair, certificate, key, said):
    with pytest.raises(Refused, match=said):
        refuse_unusable(certificate or pair[0], Secret(key) if key else pair[1], [])


def test_desired_is_read_beside_the_inventory(site, pair, tmp_path):
    (tmp_path / "c.pem").write_text(pair[0])
    tls = site.ingress.tls.model_copy(
        update={"certificate": "c.pem", "key": "file:k.pem", "service": "traefik_traefik"}
    )
    there = site.model_copy(update={"ingress": site.ingress.model_copy(update={"tls": tls})})
    there.read_from(tmp_path / "site.yml")
    found = desired(there, lambda _: pair[1])
    assert (found.certificate, found.service, found.version) == (pair[0], "traefik_traefik", "3.7")
    (tmp_path / "c.pem").unlink()
    with pytest.raises(Refused, match=r"there is no file .*c\.pem"):
        desired(there, lambda _: pair[1])


def test_the_manager_is_read_by_one_script(wanted, played_host, played_fleet, heard, framed):
    service = [{"Spec": {"TaskTemplate": {"ContainerSpec": {
        "Image": "traefik:v3.7@sha256:0", "Args": ["--a=b"],
        "Secrets": [{"SecretName": "s", "File": {"Name": "registry-certificate.crt"}}],
        "Configs": [{"ConfigName": "c", "File": {"Name": "/x.yml"}}],
    }}}}]  # fmt: skip
    output = framed(service=json.dumps(service), secrets="s\nold", configs="")
    host = played_host("manager", lambda _: output)
    seen = step(wanted, played_fleet(host)).observe(heard)

    assert seen == CertificateObserved(
        "traefik:v3.7", {("secret", "registry-certificate.crt"): "s", ("config", "/x.yml"): "c"},
        ("--a=b",), frozenset({("secret", "s"), ("secret", "old")}),
    )  # fmt: skip
    assert len(host.asked) == 1


@pytest.fixture
def framed():
    def frame(codes=(), **parts):
        frames = [f"--b {name}\n{text}\n\n--b = {dict(codes).get(name, 0)}\n"
                  for name, text in parts.items()]  # fmt: skip
        return "b\n" + "".join(frames)

    return frame


def test_a_service_that_is_not_there_is_told_from_a_swarm_that_does_not_answer(framed):
    none = "[]\nError: no such service: traefik_traefik"
    assert parse(framed(service=none, secrets="", configs=""), "manager").image is None
    broken = framed([("service", 1)], service="no leader", secrets="", configs="")
    with pytest.raises(Refused, match="the Swarm does not answer: no leader"):
        parse(broken, "manager")
