"""What hosts, servers and files say, made harmless for the terminal that it is shown on."""

from __future__ import annotations

import re

# all that a terminal would obey, but for line breaks, tabs and colours
_OBEYED = re.compile(r"\x1b(?!\[[0-9;]*m)|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]")


def harmless(text: str) -> str:
    """The text with control characters written out, colours excepted.

    A host, a server or whoever pushed an image chooses names and messages that are shown: they must
    not move the cursor, clear the screen, set the window's title or fill the clipboard.
    """
    return _OBEYED.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
