"""Who is asking, and what they may do."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import cached_property

from . import passwords
from .permissions import any_implies
from .privileges import all_privileges, permission
from .store import State, Store

LOCAL_REALM = "NexusAuthenticatingRealm"
AUTHORIZING_REALM = "NexusAuthorizingRealm"
TOKEN_REALM = "DockerToken"  # noqa: S105  the name of a realm
ANONYMOUS = "anonymous"
_MAY_LOGIN = {"active", "changepassword"}


class WrongCredentialsError(Exception):
    """Credentials were sent, and no active realm knows them."""


@dataclass
class Caller:
    """The user behind a request.

    Attributes:
        user_id: Its id.
        anonymous: True when no credentials were sent.
        state: The state to judge rights by.
    """

    user_id: str
    anonymous: bool
    state: State

    def may(self, wanted: str) -> bool:
        """Tell whether a permission (``nexus:repository-view:docker:images:read``) is held."""
        return any_implies(self._permissions, wanted)

    @cached_property
    def _permissions(self) -> list[str]:
        """None at all without the realm that gives them, which old versions let one take away."""
        if AUTHORIZING_REALM not in self.state["realms"]:
            return []
        if self.anonymous and not self.state["anonymous"]["enabled"]:
            return []
        user = self.state["users"].get(self.user_id)
        known = all_privileges(self.state)
        names = self._privilege_names(user["roles"] if user else [])
        return [permission(known[name]) for name in names if name in known]

    def _privilege_names(self, roles: list[str]) -> set[str]:
        names: set[str] = set()
        seen: set[str] = set()
        waiting = list(roles)
        while waiting:
            role_id = waiting.pop()
            role = self.state["roles"].get(role_id)
            if role_id in seen or role is None:
                continue
            seen.add(role_id)
            names.update(role["privileges"])
            waiting.extend(role["roles"])
        return names


class Authenticator:
    """Checks credentials against the users and the active realms."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cache_key = os.urandom(16)
        self._verified: set[bytes] = set()

    def caller(self, authorization: str | None) -> Caller:
        """Return who sends an ``Authorization`` header (None: nobody, the anonymous user).

        Raises:
            WrongCredentialsError: The header is not that of a known, active user.
        """
        state = self._store.state
        if authorization is None:
            return Caller(state["anonymous"]["userId"], anonymous=True, state=state)
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() == "basic":
            user_id = self._basic(state, value.strip())
        elif scheme.lower() == "bearer":
            user_id = self._bearer(state, value.strip())
        else:
            raise WrongCredentialsError(f"unknown scheme {scheme}")
        return Caller(user_id, anonymous=user_id == ANONYMOUS, state=state)

    def password_is(self, user_id: str, password: str) -> bool:
        """Tell whether a password is a user's own; remembered, since scrypt is slow on purpose."""
        stored = self._store.state["users"][user_id]["password"]
        text = f"{user_id}\0{password}\0{stored['salt']}{stored['hash']}".encode()
        mark = hmac.digest(self._cache_key, text, "sha256")
        if mark not in self._verified and passwords.matches(password, stored):
            self._verified.add(mark)
        return mark in self._verified

    def token(self, caller: Caller) -> str:
        """Return the Docker token of a user; it ends with the user's password."""
        user_id = caller.user_id
        text = base64.urlsafe_b64encode(user_id.encode()).decode().rstrip("=")
        return f"{TOKEN_REALM}.{text}.{self._signature(self._store.state, user_id)}"

    def _basic(self, state: State, value: str) -> str:
        try:
            text = base64.b64decode(value, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            raise WrongCredentialsError("malformed") from None
        user_id, _, password = text.partition(":")
        user = state["users"].get(user_id)
        known = LOCAL_REALM in state["realms"] and user and user["status"] in _MAY_LOGIN
        if not known or not self.password_is(user_id, password):
            raise WrongCredentialsError(user_id)
        return user_id

    def _bearer(self, state: State, value: str) -> str:
        realm, _, rest = value.partition(".")
        text, _, signature = rest.partition(".")
        if realm != TOKEN_REALM or TOKEN_REALM not in state["realms"]:
            raise WrongCredentialsError("token")
        try:
            user_id = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            raise WrongCredentialsError("token") from None
        user = state["users"].get(user_id)
        active = user is not None and user["status"] in _MAY_LOGIN
        if not active or not hmac.compare_digest(signature, self._signature(state, user_id)):
            raise WrongCredentialsError(user_id)
        return user_id

    @staticmethod
    def _signature(state: State, user_id: str) -> str:
        password = state["users"][user_id]["password"]["hash"]
        key = bytes.fromhex(state["secret"])
        return hmac.new(key, f"{user_id}\0{password}".encode(), hashlib.sha256).hexdigest()
