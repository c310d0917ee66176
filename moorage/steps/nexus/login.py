"""Which of admin's passwords works: one attempt a credential, nothing is ever guessed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from moorage.errors import MoorageError, Refused
from moorage.steps.nexus.api import Login, NexusApi, Version
from moorage.steps.nexus.versions import RANDOM_PASSWORD
from moorage.values import Secret


@dataclass(frozen=True)
class Passwords:
    """Admin's passwords that may work, in the order in which they are tried.

    Args:
        configured: that of ``nexus.admin_password``.
        initial: reads the one that Nexus made at its first start, None where there is none.
        former: that of ``nexus.former_admin_password``, where the inventory has one.
    """

    configured: Secret
    initial: Callable[[], Secret | None]
    former: Callable[[], Secret] | None = None


def log_in(api: NexusApi, version: Version, passwords: Passwords) -> Login:
    """Log in as admin: the configured password, that of the first boot, the former one.

    Source of the file and of the fixed password before 3.17: nexus-public,
    StaticSecurityConfigurationSource.

    Raises:
        Refused: none is taken.
    """
    if _taken(api, passwords.configured):
        return "configured"
    tried = ["the password of nexus.admin_password"]
    try:
        initial = passwords.initial()
    except MoorageError as failure:
        initial = None
        tried.append(f"admin.password could not be read ({failure.host}: {failure.message})")
    if initial is None and version < RANDOM_PASSWORD:
        initial = Secret("admin123")
        tried.append("the fixed first password of versions before 3.17")
    elif initial is not None:
        tried.append("the export's admin.password")
    elif len(tried) == 1:
        tried.append("no admin.password on the export: the first password was changed before")
    if initial is not None and _taken(api, initial):
        return "initial"
    if passwords.former is not None:
        if _taken(api, passwords.former()):
            return "former"
        tried.append("the password of nexus.former_admin_password")
    raise Refused(
        f"Nexus takes no password known for admin; tried: {'; '.join(tried)}",
        hint="put the password that admin has now behind nexus.admin_password's reference, or "
        "behind nexus.former_admin_password to have it changed; nothing was reset",
    )


def _taken(api: NexusApi, password: Secret) -> bool:
    taken = api.takes("admin", password)
    if taken:
        api.log_in(password)
    return taken
