"""What ``inv fuzz`` does: atheris in an environment of its own, and finds tried again.

atheris is no dependency of Moorage or of its tests: it is a compiled wheel that few systems have.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import sysconfig
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".fuzz"
FINDS, CORPUS, PYTHON = HOME / "finds", HOME / "corpus", HOME / "venv/bin/python"
REQUIREMENTS = Path(__file__).with_name("requirements.lock")
CANNOT = 3
_HERE = [str(ROOT), str(ROOT / "tests")]


def main(arguments: list[str]) -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("--minutes", type=float, required=True)
    asked.add_argument("--seed", type=int, required=True)
    asked.add_argument("--input")
    options = asked.parse_args(arguments)
    if options.input:
        return again(Path(options.input))
    if not made():
        return CANNOT
    return searched(options.minutes, options.seed)


def again(path: Path) -> int:
    """One file judged once more, without atheris: 1 where it is still judged wrongly."""
    sys.path[:0] = _HERE
    from mangled_inventories import judged

    try:
        content = path.read_bytes()
    except OSError as error:
        print(f"error: {path} cannot be read: {error.strerror}", file=sys.stderr)
        return CANNOT
    try:
        found = judged(content)
    except Exception:  # noqa: BLE001
        traceback.print_exc()
        return 1
    print("\n".join(found.lines()) if isinstance(found, Exception) else "a site: no mistakes in it")
    return 0


def made() -> bool:
    """Whether there is an environment with atheris; it is made where there is none."""
    if PYTHON.exists() and _has_atheris():
        return True
    # the tests' own Python, since the product's libraries are taken from its environment
    subprocess.run([sys.executable, "-m", "venv", "--clear", HOME / "venv"], check=True)
    done = subprocess.run(
        [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
         "--only-binary", ":all:", "--require-hashes", "--requirement", REQUIREMENTS],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode == 0 and _has_atheris():
        return True
    why = (done.stderr.strip().splitlines() or ["it cannot be imported"])[-1]
    print(
        f"error: atheris cannot be had here: {why}\n"
        f"  it has wheels for Linux on x86-64 with Python 3.11 to 3.13; this is "
        f"{sysconfig.get_platform()} with Python {sys.version.split()[0]}\n"
        "  what to do: MOORAGE_EXAMPLES=5000 ./run test tests/property, which needs none of it",
        file=sys.stderr,
    )
    return False


def _has_atheris() -> bool:
    return subprocess.run([PYTHON, "-c", "import atheris"], check=False,
                          capture_output=True).returncode == 0  # fmt: skip


def searched(minutes: float, seed: int) -> int:
    """Search for so long; 1 where there are finds."""
    for folder in (FINDS, CORPUS):
        folder.mkdir(parents=True, exist_ok=True)
    for path in (ROOT / "inventories").glob("*/site.yml"):
        (CORPUS / path.parent.name).write_bytes(path.read_bytes())
    sys.path[:0] = _HERE
    from mangled_inventories import SECONDS

    (HOME / "words.dict").write_text(_words(), encoding="utf-8")
    begun, ends = time.time(), time.time() + minutes * 60
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(
        [*_HERE, sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])}  # fmt: skip
    while (left := int(ends - time.time())) > 0:
        # what ends libFuzzer itself (out of memory, a hang) is a find too, and searched on after
        subprocess.run(
            [PYTHON, Path(__file__).with_name("loader.py"), FINDS, CORPUS,
             f"-max_total_time={left}", f"-seed={seed}", f"-dict={HOME / 'words.dict'}",
             f"-artifact_prefix={FINDS}/", f"-timeout={3 * SECONDS:.0f}", "-rss_limit_mb=1024",
             # it goes by the clock, of a machine that may be busy; judged() by the processor's
             f"-report_slow_units={3 * SECONDS:.0f}",
             "-max_len=20000", "-print_final_stats=1"],
            check=False, env=environ, cwd=ROOT,
        )  # fmt: skip
        seed += 1
    finds = sorted(path for path in FINDS.iterdir() if path.stat().st_mtime >= begun)
    for path in finds:
        print(f"found: ./run inv fuzz --input {path.relative_to(ROOT)}")
    print(f"{len(finds)} finds in {minutes:g} minutes")
    return 1 if finds else 0


def _words() -> str:
    """A dictionary for libFuzzer: the schema's keys and YAML's signs."""
    from moorage.config.keys import all_keys

    keys = {key.steps[-1] for key in all_keys()}
    signs = ["- ", ": ", "&a ", "*a", "<<: *a", "!!", "---", "|", ">", "{", "}", "[", "]", "env:"]
    return "\n".join(f'"{word}"' for word in [*sorted(keys), *signs]) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
