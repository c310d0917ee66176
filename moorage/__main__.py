"""Fabric's own program, as ``./run fab`` starts it: the same, with less waiting at both ends.

It takes the words of ``fab`` and ends with its exit codes; ``fab`` itself works too.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any, NoReturn

from moorage.terminal import have_outputs


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


@contextlib.contextmanager
def _without_mocks() -> Iterator[None]:
    """Leave ``unittest.mock`` until it is used: ``invoke.context`` imports it for one class alone.

    That class, ``MockContext``, is for tests; with the module come asyncio and ssl.
    """

    def mock(*args: Any, **settings: Any) -> Any:
        from unittest.mock import Mock

        return Mock(*args, **settings)

    name = "unittest.mock"
    if name in sys.modules:
        yield
        return
    late = ModuleType(name)
    late.Mock = mock  # type: ignore[attr-defined]
    sys.modules[name] = late
    try:
        yield
    finally:
        del sys.modules[name]


def main() -> NoReturn:
    """Run Fabric's program."""
    have_outputs()
    end = _End()
    # registered first, so run last: threads are joined and all else that ends is over by then
    atexit.register(end.at_once)
    # what is being imported is no garbage; fabfile/__init__.py says how it goes on
    gc.disable()
    with _without_mocks():
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
    except KeyboardInterrupt:
        print(file=sys.stderr)
        sys.exit(130)
    except Exception as fault:
        if _in_a_task() or {"-d", "--debug"} & set(sys.argv):
            raise
        print(_refusal(fault), file=sys.stderr)
        sys.exit(3)
    sys.exit(0)


def _in_a_task() -> bool:
    executor = sys.modules.get("moorage.executor")
    return executor is not None and executor.InventoryExecutor.begun


def _refusal(fault: Exception) -> str:
    """What is said of a flag of Fabric's own, or of a password that it asks for, that is none."""
    if isinstance(fault, EOFError):
        return "\nerror: no password was given\n  what to do: run it on a terminal, and type it"
    said = f"{type(fault).__name__}: {fault}".replace("\n", " ")
    return (f"error: what stands before the task is not understood: {said}\n"
            "  what to do: see fab --help; fab --debug adds the traceback")  # fmt: skip


if __name__ == "__main__":
    main()
