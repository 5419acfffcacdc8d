"""The real server as a process of its own, for tests to speak to and to hurt."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.request import urlopen

START_TIMEOUT_S = 120
_ADDRESS = re.compile(r"ready at (http://\S+)")


class ServerProcess:
    """``python -m nnvisu`` on a free port of this machine.

    Attributes:
        process: The running process.
        url: Where its page is, with a slash at the end.
        port: The port it listens on; the same after a restart.
    """

    def __init__(self, options: Sequence[str] = (), **environment: str) -> None:
        self._options = ["--log-level", "warning", *options]
        self._environment = {**os.environ, **environment}
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self.port = 0
        self.start()

    @property
    def websocket_url(self) -> str:
        """Where its WebSocket is."""
        return f"ws://127.0.0.1:{self.port}/ws"

    def start(self) -> None:
        """Start the process, and return once it accepts connections."""
        command = [sys.executable, "-m", "nnvisu", "--port", str(self.port), *self._options]
        self.process = subprocess.Popen(
            command,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        assert self.process.stdout is not None
        greeting = self.process.stdout.readline()
        address = _ADDRESS.search(greeting)
        assert address is not None, f"the server said {greeting!r} and {self.errors()!r}"
        self.port = int(address[1].rstrip("/").rpartition(":")[2])
        self.url = f"http://127.0.0.1:{self.port}/"

    def get(self, path: str = "") -> str:
        """Fetch what is at a path, as text."""
        with urlopen(self.url + path, timeout=10) as response:  # noqa: S310 - always http
            return str(response.read().decode())

    def terminate(self) -> int:
        """End the process as an operator does, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.reap()

    def kill(self) -> None:
        """End the process at once, without any chance to say goodbye."""
        self.process.kill()
        self.reap()

    def restart(self) -> None:
        """Kill the process and start another one on the same port."""
        self.kill()
        self.start()

    def errors(self) -> str:
        """Read what it wrote to standard error so far."""
        self._errors.seek(0)
        return self._errors.read().decode()

    def close(self) -> None:
        """End the process if it is still there, and let go of its files."""
        self.process.kill()
        self.reap()
        self._errors.close()

    def resident_bytes(self) -> int:
        """Read how much memory the process holds."""
        return self._status_bytes("VmRSS")

    def peak_bytes(self) -> int:
        """Read how much memory it held at most since it started, or since `forget_peak`."""
        return self._status_bytes("VmHWM")

    def forget_peak(self) -> None:
        """Begin to look for the highest use of memory anew."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def _status_bytes(self, name: str) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"{name}:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) * 1024

    def open_files(self) -> int:
        """Count its open files, connections among them."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def connections(self) -> int:
        """Count the connections that others hold to it."""
        return len(self._established())

    def unsent_bytes(self) -> int:
        """Count the bytes that wait in the kernel for readers of its connections."""
        return sum(int(fields[4].partition(":")[0], 16) for fields in self._established())

    def _established(self) -> list[list[str]]:
        """Read its connections' lines of /proc/net/tcp; the second field is its own address."""
        own, established = f":{self.port:04X}", "01"
        lines = Path(f"/proc/{self.process.pid}/net/tcp").read_text().splitlines()[1:]
        fields = [line.split() for line in lines]
        return [each for each in fields if each[1].endswith(own) and each[3] == established]

    def reap(self) -> int:
        """Wait until the process has ended; return its exit code."""
        code = self.process.wait(timeout=10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@contextmanager
def running(
    options: Sequence[str] = (), *, errors: bool = False, **environment: str
) -> Iterator[ServerProcess]:
    """Run a server for as long as the block lasts; it must not write `errors` unless expected."""
    server = ServerProcess(options, **environment)
    try:
        yield server
        assert errors or not (written := server.errors()), written
    finally:
        server.close()


def run_to_its_end(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command until it ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "nnvisu", *options],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
