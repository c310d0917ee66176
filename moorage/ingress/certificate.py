"""What Traefik's file provider reads to show a certificate of one's own."""

from __future__ import annotations

from collections.abc import Sequence


def dynamic_file(
    version: str, entrypoints: Sequence[str], certificate: str, key: str
) -> tuple[str, str]:
    """The ending of the file's name, and its text.

    Traefik 2 and 3 show the certificate that fits the name asked for, on every entry point
    (traefik v3, "Certificates Definition"); Traefik 1 wants the entry points named, in TOML
    (traefik v1.7, docs/configuration/entrypoints.md, "Dynamic Certificates").

    Args:
        version: of Traefik.
        entrypoints: those that take requests for Nexus and the registry.
        certificate: path of the certificate and its chain in Traefik's container; key: of its key.
    """
    if version.startswith("1."):
        names = ", ".join(f'"{name}"' for name in entrypoints)
        return "toml", (
            f"[[tls]]\n  entryPoints = [{names}]\n  [tls.certificate]\n"
            f'    certFile = "{certificate}"\n    keyFile = "{key}"\n'
        )
    return "yml", f"tls:\n  certificates:\n    - certFile: {certificate}\n      keyFile: {key}\n"
