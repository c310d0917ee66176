"""What the guests' kernel is started with, on processors that it knows and on newer ones."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from lab import kernel
from lab.cache import Cache


@pytest.fixture
def processor(monkeypatch):
    return lambda frame: monkeypatch.setattr(kernel, "_signal_frame_bytes", lambda: frame)


def test_on_a_processor_that_it_knows_it_is_started_as_it_is(processor, tmp_path):
    processor(3632)
    assert kernel.library(Cache(tmp_path)) is None
    assert kernel.kernel_words(Cache(tmp_path)) == ["linux.uml"]


@pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler")
def test_on_one_with_more_state_it_is_started_with_a_library_that_keeps_programs_running(
    processor, tmp_path
):
    processor(11952)
    cache = Cache(tmp_path)
    with cache.locked():
        library = kernel.library(cache)
    first, preload, program = kernel.kernel_words(cache)
    assert (first, preload, program) == ("env", f"LD_PRELOAD={library}", "linux.uml")
    said = subprocess.run([first, preload, "echo", "it runs"], capture_output=True, text=True,
                          check=True)  # fmt: skip
    assert (said.stdout, said.stderr) == ("it runs\n", "")
