"""Runs the real server as a separate process, which tests may kill and restart."""

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
        url: The URL of its page, with a trailing slash.
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
        """The URL of its WebSocket."""
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
        assert address is not None, f"the server printed {greeting!r} and {self.errors()!r}"
        self.port = int(address[1].rstrip("/").rpartition(":")[2])
        self.url = f"http://127.0.0.1:{self.port}/"

    def get(self, path: str = "") -> str:
        """Fetch a path, as text."""
        with urlopen(self.url + path, timeout=10) as response:  # noqa: S310 - always http
            return str(response.read().decode())

    def terminate(self) -> int:
        """Send SIGTERM, and return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.reap()

    def kill(self) -> None:
        """Send SIGKILL, and wait for the end of the process."""
        self.process.kill()
        self.reap()

    def restart(self) -> None:
        """Kill the process and start a new one on the same port."""
        self.kill()
        self.start()

    def errors(self) -> str:
        """Read its standard error so far."""
        self._errors.seek(0)
        return self._errors.read().decode()

    def close(self) -> None:
        """Terminate the process if it still runs, and close its files."""
        self.process.kill()
        self.reap()
        self._errors.close()

    def resident_bytes(self) -> int:
        """Read the resident memory of the process."""
        return self._status_bytes("VmRSS")

    def peak_bytes(self) -> int:
        """Read the peak of its resident memory since its start, or since `reset_peak`."""
        return self._status_bytes("VmHWM")

    def reset_peak(self) -> None:
        """Reset the peak of the resident memory."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def _status_bytes(self, name: str) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"{name}:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) * 1024

    def open_files(self) -> int:
        """Count its open files, including connections."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def connections(self) -> int:
        """Count the established connections to it."""
        return len(self._established())

    def unsent_bytes(self) -> int:
        """Count the bytes in the kernel's send queues of its connections."""
        return sum(int(fields[4].partition(":")[0], 16) for fields in self._established())

    def _established(self) -> list[list[str]]:
        """Read its connections' lines of /proc/net/tcp; the second field is the local address."""
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
    """Run a server for the duration of the block; without `errors`, it must log no error."""
    server = ServerProcess(options, **environment)
    try:
        yield server
        assert errors or not (written := server.errors()), written
    finally:
        server.close()


def run_to_exit(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command until it exits."""
    return subprocess.run(
        [sys.executable, "-m", "nnvisu", *options],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
