"""A signal ends the server cleanly at any moment of its start, with an empty kernel cache."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fault.test_terminate import EXIT_WITHIN_S

DELAYS_S = (0.0, 0.5, 2.0, 0.1, 0.2, 0.3, 1.0, 1.5, 3.0, 4.0)
"""After the program has begun to run, which loads for a second and compiles for some."""


def wait_until_handled(process: subprocess.Popen[str], number: int) -> None:
    """Wait until a process has a handler for a signal."""
    deadline_s = time.monotonic() + 30
    while not int(status(process, "SigCgt"), 16) >> (number - 1) & 1:
        assert time.monotonic() < deadline_s


def status(process: subprocess.Popen[str], name: str) -> str:
    """Read a field of a process's status."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(line.partition(":")[2].strip() for line in lines if line.startswith(name))


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_starting_server(
    tmp_path: Path,
    rounds: Callable[[int, int], int],
    note: Callable[[str], None],
    number: signal.Signals,
    workers: str,
) -> None:
    exits_s = []
    for delay_s in DELAYS_S[: rounds(3, len(DELAYS_S))]:
        process = subprocess.Popen(
            [sys.executable, "-m", "nnvisu", "--port", "0", "--workers", workers],
            env={"NUMBA_CACHE_DIR": str(tmp_path / str(delay_s)), "PYTHONPATH": ":".join(sys.path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        # Python handles SIGINT from its own start, and the program SIGTERM.
        wait_until_handled(process, signal.SIGTERM)
        if delay_s == 0:
            loaded = Path(f"/proc/{process.pid}/maps").read_text()
            assert "msgspec" not in loaded, "the program was loaded before it handled signals"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(delay_s)
        start_s = time.monotonic()
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
        exits_s.append(time.monotonic() - start_s)
        assert process.returncode == 0, (delay_s, errors)
        assert "Traceback" not in errors
    note(f"exited within {max(exits_s):.2f} s")
    assert max(exits_s) < EXIT_WITHIN_S
