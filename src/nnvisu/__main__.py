"""The entry point: ``python -m nnvisu``, or ``nnvisu``.

Loading the program takes a second or more. So that a signal ends it cleanly meanwhile, nothing of
it is imported before the signals are handled.
"""

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server until SIGINT or SIGTERM; return the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    from nnvisu.command import run

    return run(arguments)


def _leave(_number: int, _frame: FrameType | None) -> None:
    """End at once, with exit code 0; while the server runs, it handles the signals itself."""
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
