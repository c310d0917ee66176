"""What stands in the way of an upgrade, and what is only to be known."""

from __future__ import annotations

import dataclasses

import pytest

from moorage.errors import Refused
from moorage.steps.upgrade import path
from moorage.steps.upgrade.path import Journey

PLAIN = Journey((3, 76, 0), (3, 94, 0), edition="OSS", accept_eula=True, h2=True)


def but(**changes):
    return dataclasses.replace(PLAIN, **changes)


def test_nothing_stands_in_the_way_of_a_plain_one():
    path.refuse(PLAIN)
    path.refuse(but(startup=300, start_period=300))
    path.refuse(but(start_period=None))


@pytest.mark.parametrize(
    ("journey", "words", "hint"),
    [
        (but(to=(3, 75, 0)), r"does not go back to 3\.75\.0", "fab restore"),
        (but(now=(3, 70, 1), orient=True, h2=False), "OrientDB", "^migrate them to H2"),
        (but(now=(3, 68, 0), orient=True, h2=False), "OrientDB", "upgrade to 3.70 first"),
        (but(image="sonatype/nexus3:3.94.0-java11"), "has Java 11", "nexus.image.base"),
        (but(environment={"X": "-Xmx1g -XX:+UseConcMarkSweepGC"}), "Java 17 does not start", ""),
        (but(accept_eula=False), "without its licence", "accept_eula"),
        (but(failure_action="rollback"), "former version on migrated data", "pause"),
        (but(start_period=60), "Swarm would end a longer migration", "900s"),
        (but(start_period=60, startup=300), "Swarm would end a longer migration", "300s"),
    ],
)
def test_what_stands_in_the_way_is_refused_with_what_to_do(journey, words, hint):
    with pytest.raises(Refused, match=words) as caught:
        path.refuse(journey)

    import re

    assert re.search(hint, caught.value.hint)


@pytest.mark.parametrize(
    "journey",
    [
        but(now=(3, 70, 1), orient=True, h2=True),
        # migrated to PostgreSQL, and the former database left where it was
        but(now=(3, 71, 0), orient=True, h2=False),
        but(
            now=(3, 70, 1),
            orient=True,
            h2=False,
            environment={"NEXUS_DATASTORE_NEXUS_JDBCURL": "jdbc:postgresql://db/nexus"},
        ),
        but(now=(3, 68, 0), to=(3, 70, 3), orient=True, h2=False, image="x:3.70.3-java11"),
        but(edition="PRO", accept_eula=False),
        but(to=(3, 76, 1), accept_eula=False),
        but(image="registry.example.com/java11/nexus3:3.94.0"),
    ],
)
def test_what_does_not_is_not(journey):
    path.refuse(journey)


def test_what_comes_with_a_version_is_told():
    assert any("40,000" in note for note in path.notes(PLAIN))
    assert not any("40,000" in note for note in path.notes(but(edition="PRO")))
    assert any("release notes" in note for note in path.notes(PLAIN))
    assert not list(path.notes(but(now=(3, 94, 0), to=(3, 94, 1))))
