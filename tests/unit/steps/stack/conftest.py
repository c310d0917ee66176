"""What the tests of the step stack share: what is asked, and hosts that answer as recorded."""

from __future__ import annotations

import dataclasses

import pytest
from recorded_swarm import MANAGER, NEXUS, WORKER, Web
from ruamel.yaml import YAML

from moorage import documents
from moorage.steps.stack import StackDesired, StackStep


@pytest.fixture
def wanted(site, templates, image, image_digest):
    text = documents.stack(site, templates, image)
    volume = documents.volume(site)
    return StackDesired(
        stack="registry",
        service=NEXUS,
        compose_text=text,
        compose=YAML(typ="safe", pure=True).load(text),
        image=image,
        image_digest=image_digest,
        from_registry=False,
        eligible=("worker", "manager"),
        label=documents.placement_label(site),
        volume=volume.actual_name,
        declared=(volume.actual_name,),
        volume_options=volume.driver_opts,
        nocopy=True,
        uid=200,
        network="proxy",
        converge_seconds=60,
        startup_seconds=60,
    )


@pytest.fixture
def step(wanted, played_host, played_fleet, recorded):
    """The step on hosts that answer with the recordings, or as the test says."""

    def make(manager=None, worker=None, **changes):
        answers = {"manager": manager or recorded(MANAGER), "worker": worker or recorded(WORKER)}

        def answer(script):
            return answers[host_of[id(script)]]

        host_of: dict[int, str] = {}

        class Recorder(played_host):
            def read(self, script, *, timeout=None):
                host_of[id(script)] = self.name
                text = answers[self.name]
                if isinstance(text, Exception):
                    raise text
                self.asked.append(script)
                return text

        fleet = played_fleet(Recorder("manager", answer), Recorder("worker", answer))
        return StackStep(fleet, "manager", Web(), dataclasses.replace(wanted, **changes))

    return make


@pytest.fixture
def observed(step, heard):
    return step().observe(heard)


@pytest.fixture
def compose(site, templates, image):
    return YAML(typ="safe", pure=True).load(documents.stack(site, templates, image))
