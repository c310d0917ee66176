"""Fabric's own program, as ``./run fab`` starts it: the same, with less waiting at both ends.

It takes the words of ``fab`` and ends with its exit codes; ``fab`` itself works too.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from typing import NoReturn


class _End:
    """Ends the process without taking every module apart, which nobody needs any more."""

    code: int | None = None

    def at_once(self) -> None:
        """Leave, where the program came to its end; else Python does, in its own way."""
        if self.code is None:
            return
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except BrokenPipeError:
            os._exit(self.code or 1)
        except (OSError, ValueError):
            return
        os._exit(self.code)


def main() -> NoReturn:
    """Run Fabric's program."""
    end = _End()
    # registered first, so run last: threads are joined and all else that ends is over by then
    atexit.register(end.at_once)
    # what is being imported is no garbage; fabfile/__init__.py says how it goes on
    gc.disable()
    from fabric.main import program

    gc.freeze()
    gc.enable()
    sys.argv[0] = "fab"
    try:
        program.run()
    except SystemExit as ended:
        end.code = ended.code if isinstance(ended.code, int) else None
        raise
    except BrokenPipeError:
        # whoever reads it, such as head(1), has seen enough
        end.code = 1
        sys.exit(1)
    sys.exit(0)


if __name__ == "__main__":
    main()
