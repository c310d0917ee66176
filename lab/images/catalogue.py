"""The lab's images by name: what is in each, and which guest's Docker has it from the start."""

from __future__ import annotations

from pathlib import Path

from .archive import ImageConfig, write_archive
from .hub import RegistryData
from .layer import tree, write_layer
from .python_layer import busybox

TRAEFIK = "traefik:v3.7"
STANDIN = "sonatype/nexus3:3.94.0-standin"
PYTHON = "lab/python:3"
TINY = "lab/tiny:1"

STANDIN_CODE = Path(__file__).parent.parent / "nexus_standin"
_HELLO = b"Hello from the lab's Docker Hub: this image came all the way through Nexus.\n"


def traefik_archive(out: Path, program: Path) -> None:
    """Traefik, whose container runs the program with the arguments it is given."""
    layer = write_layer(out.with_suffix(".layer"), {"/traefik": program})
    write_archive(out, TRAEFIK, [layer], ImageConfig(entrypoint=["/traefik"], ports=[80, 443]))
    layer.unlink()


def python_archive(out: Path, layer: Path) -> None:
    """The stand-in's lower layer alone, so that a changed stand-in loads in no time."""
    write_archive(out, PYTHON, [layer], ImageConfig(cmd=["python3", "-V"]))


def standin_archive(out: Path, layer: Path, code: Path = STANDIN_CODE) -> None:
    """The Nexus stand-in under the name that the real image has, but for the tag."""
    upper = write_layer(out.with_suffix(".layer"), tree(code, "/opt/standin/nexus_standin"))
    config = ImageConfig(
        cmd=["python3", "-m", "nexus_standin"],
        env=[
            "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "PYTHONPATH=/opt/standin",
            "PYTHONUNBUFFERED=1",
            "PYTHONDONTWRITEBYTECODE=1",
        ],
        user="200",
        ports=[8081],
        volumes=["/nexus-data"],
        labels={"org.opencontainers.image.title": "Nexus stand-in of the Moorage lab"},
    )
    write_archive(out, STANDIN, [layer, upper], config)
    upper.unlink()


def tiny_archive(out: Path, layer: Path) -> None:
    """A small image to push: busybox and nothing else."""
    upper = _busybox_layer(out.with_suffix(".layer"), layer, {})
    write_archive(out, TINY, [upper], ImageConfig(cmd=["/bin/busybox", "echo", "tiny"]))
    upper.unlink()


def hub_data(root: Path, layer: Path) -> None:
    """The data of the lab's Docker Hub: library/hello-world:latest."""
    root.mkdir()
    upper = _busybox_layer(root.with_suffix(".layer"), layer, {"/hello.txt": _HELLO})
    config = ImageConfig(cmd=["/bin/busybox", "cat", "/hello.txt"])
    RegistryData(root).add("library/hello-world", "latest", upper, config)
    upper.unlink()


def _busybox_layer(out: Path, python_layer: Path, files: dict[str, bytes]) -> Path:
    program = out.with_suffix(".busybox")
    program.write_bytes(busybox(python_layer))
    program.chmod(0o755)
    write_layer(out, {"/bin/busybox": program, **files})
    program.unlink()
    return out
