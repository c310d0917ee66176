"""The way to servers from 3.16 to 3.25: Groovy scripts, uploaded, run and removed.

Two scripts do it all: one gives everything that is there in the shapes of the REST API, the other
carries out one request that is worded as the REST API has it. Both are text that knows no secret;
what they need goes in the body of the run.

Source: nexus-public 3.16.2 and 3.21.2, ScriptResource.groovy: POST ``/v1/script`` makes a script
(204), POST ``/v1/script/<name>/run`` runs it with the body as its ``args`` (200, or 400 with
``{name, result}``), and from 3.21.2 on making one is answered 410 unless
``nexus.scripts.allowCreation`` is true.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

from moorage.errors import MoorageError, Refused, RequestRefused
from moorage.steps.nexus.api import REST, Body, Login, NexusObserved, Request, Scope, dotted
from moorage.steps.nexus.reading import by, holdings, onboarding, right_passwords
from moorage.steps.nexus.rest import RestApi
from moorage.steps.nexus.versions import CREATION_OFF, ONBOARDING, REST_API
from moorage.transport.parsing import parser
from moorage.values import Secret

_SCRIPTS = f"{REST}/script"
_PREFIX = "moorage-"
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _GONE = 401, 403, 404, 410
_CLASS = re.compile(r"^(?:[\w.$]+(?:Exception|Error): )+")
_FRAME = re.compile(r" in script \S+ at line number \d+.*$| at line number \d+.*$")


class ScriptApi(RestApi):
    """A server without a REST API for repositories; asked like the others, answers by scripts.

    A script is there while somebody runs it, however that ends; one that a killed run left is
    replaced.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._lock = threading.Lock()
        self._users: dict[str, int] = {}

    def takes(self, user: str, password: Secret) -> bool:
        """Scripts' list needs a login, and a right that a user may lack: 403 is a yes too."""
        return self.login_taken(_SCRIPTS, user, password)

    @parser("Nexus")
    def read(self, scope: Scope, login: Login) -> NexusObserved:
        wanted = {"users": scope.users is not None, "roles": scope.roles,
                  "base_url": scope.base_url}  # fmt: skip
        with self._uploaded("read") as script:
            found: Body = json.loads(self._run(script, wanted, again=True))
        found["realms"] = tuple(found["realms"])
        for field, key in (("repositories", "name"), ("blob_stores", "name"), ("users", "userId"),
                           ("roles", "id")):  # fmt: skip
            found[field] = by(key, found.get(field))
        if "capabilities" in found:
            found["capabilities"] = tuple(found["capabilities"])
        if self.version >= ONBOARDING:
            found["onboarding"] = onboarding(self)
        if scope.users:
            found["right_passwords"] = right_passwords(self, scope.users, found["users"])
        if scope.held is not None:
            found["holdings"] = holdings(self, scope.held, found["repositories"])
        return NexusObserved(version=self.version, edition=self.edition, login=login, **found)

    def send(self, request: Request) -> None:
        self._write(request.method, request.path, request.body)

    def change_password(self, user: str, password: Secret) -> None:
        path = f"{REST}/security/users/{user}/change-password"
        with self._uploaded("write") as script:
            self._run(script, {"method": "PUT", "path": path, "body": password})
            if user == "admin":
                # the script must be removed with what is the password now
                self.log_in(password)

    def _write(self, method: str, path: str, body: Any) -> None:
        with self._uploaded("write") as script:
            self._run(script, {"method": method, "path": path, "body": body})

    def _run(self, script: str, arguments: Body, *, again: bool = False) -> str:
        """What a script gives.

        Args:
            again: whether it may run a second time where its answer was lost.

        Raises:
            RequestRefused: it failed; with its own message.
        """
        ask = self.asked if again else self.once
        try:
            answer = ask("POST", f"{_SCRIPTS}/{script}/run", ok=(200,), arguments=arguments)
        except RequestRefused as failure:
            failure.body = "\n".join(_message(line) for line in failure.body.splitlines())
            raise
        result: str = answer.json()["result"]
        return result

    @contextmanager
    def _uploaded(self, script: str) -> Iterator[str]:
        """A script's name while it is there; those who run it at once share it."""
        name = _PREFIX + script
        with self._lock:
            if not self._users.get(name):
                self._upload(name, script)
            self._users[name] = self._users.get(name, 0) + 1
        failed = True
        try:
            yield name
            failed = False
        finally:
            with self._lock:
                self._users[name] -= 1
                if not self._users[name]:
                    self._remove(name, quiet=failed)

    def _upload(self, name: str, script: str) -> None:
        self._remove(name)
        text = (
            files("moorage.steps.nexus").joinpath("groovy", f"{script}.groovy").read_text("utf-8")
        )
        body = {"name": name, "type": "groovy", "content": text}
        try:
            self.once("POST", _SCRIPTS, body=body)
        except RequestRefused as failure:
            if failure.status == _GONE:
                raise _creation_is_off(self.version) from None
            raise
        except BaseException:
            # it may have come to be all the same
            self._remove(name, quiet=True)
            raise

    def _remove(self, name: str, *, quiet: bool = False) -> None:
        """Remove a script if it is there.

        Args:
            quiet: where something else failed before, which is what must be told.
        """
        try:
            self.asked("DELETE", f"{_SCRIPTS}/{name}", ok=(204, _NOT_FOUND))
        except MoorageError:
            if not quiet:
                raise


def _message(line: str) -> str:
    """A failure as the inventory's words can be put around it: without Java's classes."""
    text = _CLASS.sub("", line.removeprefix("javax.script.ScriptException: "))
    return _FRAME.sub("", text)


def _creation_is_off(version: tuple[int, int, int]) -> Refused:
    return Refused(
        f"Nexus {dotted(version)} makes no scripts, and below {dotted(REST_API)} there is no other "
        "way to its repositories",
        hint="add the line nexus.scripts.allowCreation=true to etc/nexus.properties in Nexus' data "
        "folder (on the export), restart Nexus, run again, and take it out afterwards: who may "
        f"make scripts owns the server, so it is off since {dotted(CREATION_OFF)}. "
        f"Nexus {dotted(REST_API)} and later need none of it",
    )
