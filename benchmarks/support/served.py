"""The server as a benchmark starts it: a process of its own, from the installed package."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.error import HTTPError
from urllib.request import urlopen

_ADDRESS = re.compile(r"ready at http://[^:]+:(\d+)/")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Served:
    """A running server: its port, and when its process was started (`time.perf_counter`)."""

    process: subprocess.Popen[str]
    port: int
    started_s: float

    @property
    def websocket(self) -> str:
        """Where its WebSocket is."""
        return f"ws://127.0.0.1:{self.port}/ws"

    def wait_until_ready(self) -> None:
        """Wait until the engine is prepared."""
        while True:
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=10):
                    return
            except HTTPError:
                time.sleep(0.05)

    def cpu_s(self) -> float:
        """Read how much processor time the process has used."""
        with open(f"/proc/{self.process.pid}/stat") as file:  # noqa: PTH123 - not a real file
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def serving(
    options: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Run a server for as long as the block lasts."""
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
