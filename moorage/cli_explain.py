"""``fab explain``: from its word to its lines."""

from __future__ import annotations

from typing import Any

from moorage.cli import options, told


def explain(context: Any, word: str) -> None:
    """Print what a word means; without one, all that can be explained.

    Raises:
        Exit: 3 where there is no such thing.
    """
    with told(debug=options(context).debug):
        from moorage.explain import everything, explained

        print("\n".join(explained(word) if word else everything()))
