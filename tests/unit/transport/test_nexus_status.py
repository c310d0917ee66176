"""How far Nexus has come, told from one answer or from none."""

from __future__ import annotations

import pytest
import responses

from moorage.transport.http import Web
from moorage.transport.nexus_status import WRITABLE, nexus_status

BASE = "https://nexus.example.com"
NEXUS = {"Server": "Nexus/3.94.0-01 (COMMUNITY)"}


@pytest.mark.parametrize(
    ("status", "headers", "writable", "version", "phase"),
    [
        (200, NEXUS, True, "3.94.0", "writable"),
        (200, {}, True, None, "writable"),
        (503, NEXUS, False, "3.94.0", "Nexus is starting (503)"),
        (503, {}, False, None, "Nexus is starting (503)"),
        (404, {}, False, None, "the ingress has no route to Nexus yet (404)"),
        (404, NEXUS, False, "3.94.0", "its status is answered with HTTP 404"),
        (502, {}, False, None, "the ingress finds Nexus' port closed (502)"),
        (504, {}, False, None, "the ingress finds Nexus' port closed (504)"),
        (500, NEXUS, False, "3.94.0", "its status is answered with HTTP 500"),
        (401, {}, False, None, "its status is answered with HTTP 401"),
    ],
)
@responses.activate
def test_what_an_answer_means(status, headers, writable, version, phase):
    responses.get(BASE + WRITABLE, status=status, headers=headers)

    seen = nexus_status(Web(BASE, retry=False))

    assert (seen.writable, seen.version, seen.phase) == (writable, version, phase)


@responses.activate
def test_no_answer_is_a_phase_and_not_a_failure():
    responses.get(BASE + WRITABLE, body=ConnectionError("refused"))

    seen = nexus_status(Web(BASE, retry=False))

    assert not seen.writable
    assert "does not answer" in seen.phase
