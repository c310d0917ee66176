"""What stops a script: the exception that Nexus throws there, and its words."""

from __future__ import annotations

import json

from ..rest.call import RefusalError

ILLEGAL_ARGUMENT = "java.lang.IllegalArgumentException"
INVALID_CREDENTIALS = "org.sonatype.nexus.security.user.InvalidCredentialsException"


class ScriptFault(Exception):
    """Thrown inside the script as a Java exception.

    Attributes:
        type: The exception's class.
    """

    def __init__(self, message: str, type_: str = ILLEGAL_ARGUMENT) -> None:
        super().__init__(message)
        self.type = type_


def from_refusal(refusal: RefusalError) -> ScriptFault:
    """Return what a refusal of the REST API is inside a script: its words, not its shape."""
    content = refusal.response.content
    text = content.decode("utf-8") if isinstance(content, bytes) else ""
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        found = text.strip('"')
    if isinstance(found, list):
        found = "; ".join(f"{item['id']}: {item['message']}" for item in found)
    return ScriptFault(str(found) or f"status {refusal.response.status}")
