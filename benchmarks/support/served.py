"""Runs the server of a benchmark: a separate process of the installed package."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

_ADDRESS = re.compile(r"ready at http://[^:]+:(\d+)/")
_ANSWERS = 20
"""So many in a row, and each of a few workers has been asked."""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Served:
    """A running server: its port, and the start time of its process (`time.perf_counter`)."""

    process: subprocess.Popen[str]
    port: int
    started_s: float

    @property
    def websocket(self) -> str:
        """The URL of its WebSocket."""
        return f"ws://127.0.0.1:{self.port}/ws"

    def wait_until_ready(self) -> None:
        """Wait until `_ANSWERS` requests in a row find the engine ready, so that all are."""
        ready = 0
        while ready < _ANSWERS:
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=10):
                    ready += 1
            except HTTPError:
                ready = 0
                time.sleep(0.05)

    def cpu_s(self) -> float:
        """Read the processor time of its processes."""
        return sum(map(_cpu_s, _tree(self.process.pid)))


def _tree(pid: int) -> Iterator[int]:
    """Yield a process and its children."""
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from _tree(int(child))


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def serving(
    options: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Run a server for the duration of the block."""
    started_s = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "nnvisu", "--port", "0", *options],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    ) as process:
        try:
            if process.stdout is None:
                raise RuntimeError("a pipe was asked for")
            greeting = process.stdout.readline()
            address = _ADDRESS.search(greeting)
            if address is None:
                raise RuntimeError(f"the server did not start: {greeting!r}")
            yield Served(process, int(address[1]), started_s)
        finally:
            process.terminate()
