"""Ctrl-C and its like: the first is seen to in order, the second ends the process at once."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from moorage.interrupts import orderly

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import sys, time
sys.path.insert(0, {root!r})
from moorage.interrupts import orderly
with orderly():
    try:
        print("ready", flush=True)
        time.sleep(60)
    except KeyboardInterrupt:
        print("giving back", flush=True)
        {then}
        print("given back", flush=True)
"""


def started(then):
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(root=str(ROOT), then=then)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_lets_the_run_end_in_order(number):
    process = started("pass")
    process.send_signal(number)

    out, _ = process.communicate(timeout=20)
    assert out == "giving back\ngiven back\n"


def test_the_second_ends_at_once_with_130():
    process = started("time.sleep(60)")
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "giving back\n"
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)

    out, _ = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "")


def test_afterwards_the_signals_are_as_before():
    before = signal.getsignal(signal.SIGTERM)
    with orderly():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
