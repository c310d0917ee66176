"""The step ``logins``: Docker on each machine logged in as a robot that may pull."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from moorage.change import Action, Change, Difference, Plan, Verb
from moorage.errors import MoorageError
from moorage.quoting import Script, Value
from moorage.steps import put
from moorage.steps.base import RunScript, asked, several, those_that_answer
from moorage.steps.logins.observe import ACCOUNT, LoginObserved, parse, probe
from moorage.transport.base import Probe, Progress
from moorage.transport.fleet import Fleet
from moorage.values import Secret

Seen = Mapping[str, LoginObserved | MoorageError]
_CLIENT = f"""{ACCOUNT}{put.SHELL}
HOME=${{account:-$HOME}}
export HOME
unset DOCKER_CONFIG
"""
# by stdin: a password in argv is seen by everybody on the machine (docs.docker.com, "docker login")
_LOGIN = f"""{_CLIENT}
printf %s "$password" | docker login --username "$user" --password-stdin -- "$registry" >&2 &&
  remember "login $registry" "$user"
"""
_LOGOUT = f"""{_CLIENT}
docker logout -- "$registry" >&2 && forget "login $registry"
"""


@dataclass(frozen=True)
class LoginDesired:
    """Who is to be logged in.

    Args:
        home: the folder of the stack on each machine.
        registry: as images' names begin.
        user: empty for nobody.
        password: the user's.
        machines: inventory names.
    """

    home: str
    registry: str
    user: str
    password: Secret
    machines: tuple[str, ...]

    @property
    def variables(self) -> dict[str, Value]:
        """For scripts."""
        return {"home": self.home, "registry": self.registry, "user": self.user,
                "password": self.password}  # fmt: skip


class LoginsStep:
    """The account that Moorage's own commands run as is the one that is logged in."""

    name = "logins"

    def __init__(self, fleet: Fleet, wanted: LoginDesired) -> None:
        self._fleet = fleet
        self._wanted = wanted

    def observe(self, progress: Progress) -> Seen:
        seen: Seen = asked(self, self._fleet, progress)
        return seen

    def probes(self) -> dict[str, Probe]:
        return dict.fromkeys(self._wanted.machines, probe(self._wanted.variables))

    def read(self, answers: Mapping[str, str | MoorageError], _progress: Progress) -> Seen:
        return {name: parse(answer, name) if isinstance(answer, str) else answer
                for name, answer in answers.items()}  # fmt: skip

    def plan(self, observed: Seen) -> Plan:
        seen, notes = those_that_answer(observed)
        changes = [change for name, found in seen.items()
                   if (change := self._change(name, found))]  # fmt: skip
        plain = [name for name, found in seen.items() if self._wanted.user and not found.helper]
        if plain:
            notes.append(
                f"Docker keeps {self._wanted.user}'s password in ~/.docker/config.json, as good as "
                f"in the clear, on {several(plain)}: a credential helper (credsStore) would not"
            )
        return Plan(self.name, tuple(changes), tuple(notes))

    def _change(self, host: str, seen: LoginObserved) -> Change | None:
        wanted = self._wanted
        if wanted.user:
            if seen.user == wanted.user and seen.same:
                return None
            verb: Verb = "update" if seen.user else "create"
            difference = Difference("user", seen.user or None, wanted.user)
            if seen.user == wanted.user:
                difference = Difference("password", "another", "the inventory's")
            script = Script(f"log in as {wanted.user} at {wanted.registry}", _LOGIN,
                            wanted.variables)  # fmt: skip
        elif seen.user and [wanted.registry, seen.user] in put.things(seen.put, "login"):
            verb, difference = "remove", Difference("user", seen.user, None)
            script = Script(f"log out at {wanted.registry}", _LOGOUT, wanted.variables)
        else:
            return None
        hint = (f"the registry must answer there and know {wanted.user}: fab deploy, fab "
                "nexus-seed; a private CA must be trusted: nodes.registry_ca")  # fmt: skip
        return Change(
            verb, f"login at {wanted.registry}", host, (difference,),
            (RunScript(host, script, hint),), together=self.name, needs=(),
        )  # fmt: skip

    def carry_out(self, action: Action, progress: Progress) -> None:
        """Nothing: all its actions are scripts."""
