"""A stand-in whose scripts run, and a way to run some."""

from __future__ import annotations

import copy
import shutil
import textwrap
from pathlib import Path

from standin_client import Client, make_nexus

from lab.nexus_standin.boot import boot

SCRIPT = "/v1/script"
GROOVY = Path("/usr/share/java/groovy-all.jar")


class Scripts:
    """Uploads and runs scripts on one stand-in."""

    def __init__(self, data, version):
        java = shutil.which("java")
        assert java, "no java here: apt-get install groovy, or MOORAGE_SKIP=groovy"
        assert GROOVY.exists(), "no groovy here: apt-get install groovy, or MOORAGE_SKIP=groovy"
        self.nexus = make_nexus(
            data, version=version, script_creation=True, java_program=java, groovy=GROOVY
        )
        self.client = Client(self.nexus.open())
        boot(self.nexus.store, self.nexus.settings)
        self.nexus.begin()
        self.fresh = copy.deepcopy(self.nexus.store.state)

    @property
    def state(self):
        return self.nexus.store.state

    def answer(self, content, args=""):
        body = {"name": "test", "type": "groovy", "content": textwrap.dedent(content)}
        self.client.call("DELETE", f"{SCRIPT}/test")
        assert self.client.call("POST", SCRIPT, body).status == 204
        return self.client.call("POST", f"{SCRIPT}/test/run", text=args)

    def run(self, content, args=""):
        answer = self.answer(content, args)
        assert answer.status == 200, answer.text
        return answer.json()["result"]

    def fail(self, content):
        answer = self.answer(content)
        assert answer.status == 400
        return answer.json()["result"]

    def forget(self):
        with self.nexus.store.change() as draft:
            draft.clear()
            draft.update(copy.deepcopy(self.fresh))
        self.nexus.plane.follow()
