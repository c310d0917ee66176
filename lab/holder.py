"""First process of the lab's namespaces: holds them, and buries processes that nobody waits for.

When it is killed the kernel ends every process of the lab and gives back network and mounts.
"""

from __future__ import annotations

import os
import signal


def main() -> None:
    """Wait for children to end, until SIGTERM."""
    wanted = {signal.SIGCHLD, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, wanted)
    while signal.sigwait(wanted) == signal.SIGCHLD:
        _bury()


def _bury() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        return


if __name__ == "__main__":
    main()
