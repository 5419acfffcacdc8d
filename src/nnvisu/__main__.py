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
    _open_standard_streams()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    from nnvisu.command import run

    return run(arguments)


def _open_standard_streams() -> None:
    """Connect closed standard streams to nothing, so that no connection gets their numbers."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w"))


def _leave(_number: int, _frame: FrameType | None) -> None:
    """End at once, with exit code 0; while the server runs, it handles the signals itself."""
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
