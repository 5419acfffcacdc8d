"""The system's limit of open files, each connection being one, and what follows from it."""

import asyncio
import contextlib
import sys
from typing import Any

from nnvisu.observability.logs import log

WANTED = 65_536
AT_ONCE = 8
"""Connections that the event loop accepts before it looks at the first of them."""
OWN = 32 + AT_ONCE
"""Files of the process itself: its libraries, the cache, the listener, the event loop."""
SPARE = 8
"""Connections beside the open pages, such as health checks and the answer that there is no room."""
QUIET_S = 60.0
"""At most once in so many seconds it is logged that there are none left."""
_NO_FILES = "socket.accept() out of system resource"


def connections() -> int:
    """Raise the limit as far as the system allows; return how many connections it has room for."""
    if sys.platform == "win32":
        return WANTED
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(hard, WANTED)
    if soft == resource.RLIM_INFINITY:
        return WANTED
    if soft < wanted:
        # macOS has a further limit, and refuses what is above it.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return max(1, soft - OWN)


def pages(most: int, workers: int, *, first: bool) -> int:
    """Return how many pages may be open at once, ``most`` at most; the first worker logs fewer."""
    room = max(1, connections() - SPARE) * workers
    if room < most and first:
        log("warning", "few open files", room=room, wanted=most, limit="ulimit -n")
    return min(most, room)


class Accepting:
    """An event loop's exception handler: asyncio reports each failure to accept by a traceback."""

    def __init__(self) -> None:
        self._quiet_until_s = 0.0

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Log that no file is left, at most once a minute; leave everything else to asyncio."""
        if context.get("message") != _NO_FILES:
            loop.default_exception_handler(context)
        elif loop.time() >= self._quiet_until_s:
            self._quiet_until_s = loop.time() + QUIET_S
            log("warning", "no open file left", cause=str(context.get("exception")))
