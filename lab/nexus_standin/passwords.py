"""Passwords as they are kept: salted scrypt hashes, never the words themselves."""

from __future__ import annotations

import hashlib
import hmac
import os

# A lab's guest has one slow processor: 4 MiB and a few milliseconds a login are enough here.
_COST = {"n": 4096, "r": 8, "p": 1}


def hashed(password: str) -> dict[str, str]:
    """Return what is stored of a password."""
    salt = os.urandom(16)
    return {"salt": salt.hex(), "hash": _digest(password, salt).hex()}


def matches(password: str, stored: dict[str, str]) -> bool:
    """Tell whether a password is the stored one, in constant time."""
    digest = _digest(password, bytes.fromhex(stored["salt"]))
    return hmac.compare_digest(digest.hex(), stored["hash"])


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8"), salt=salt, **_COST)
