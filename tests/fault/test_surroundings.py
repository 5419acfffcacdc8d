"""The server in unusual surroundings: few files, closed or full streams, stopped workers."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.fault.test_terminate import EXIT_WITHIN_S
from tests.support.http import ask
from tests.support.raw import request

FEW_FILES = 64
START_S = 60.0


def free_port() -> int:
    """Return a port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int, path: str = "/healthz") -> bool:
    """Return whether the server answers with 200."""
    try:
        return ask(port, path).status == 200
    except OSError:
        return False


@contextmanager
def started(*options: str, **more: Any) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run a server that answers; `more` are options of the process."""
    port = free_port()
    command = [sys.executable, "-m", "nnvisu", "--port", str(port), *options]
    process = subprocess.Popen(command, **more)
    try:
        deadline_s = time.monotonic() + START_S
        while not answers(port):
            assert process.poll() is None, f"it has ended with exit code {process.returncode}"
            assert time.monotonic() < deadline_s
        yield process, port
    finally:
        process.kill()
        process.wait()


def ends(process: subprocess.Popen[bytes]) -> tuple[int, float]:
    """Send SIGTERM; return exit code and seconds."""
    start_s = time.monotonic()
    process.send_signal(signal.SIGTERM)
    code = process.wait(timeout=30)
    return code, time.monotonic() - start_s


def workers_of(process: subprocess.Popen[bytes]) -> list[int]:
    """Return the process ids of a supervisor's workers."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(child) for child in children.split()]


def few_files() -> None:
    """Allow the new process few open files."""
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (FEW_FILES, FEW_FILES))


@pytest.mark.parametrize("kind", ["WebSockets", "silent connections"])
def test_more_connections_than_files_disturb_nobody(
    tmp_path: Path, note: Callable[[str], None], kind: str
) -> None:
    log = tmp_path / "log"
    with log.open("wb") as errors, ExitStack() as stack:
        process, port = stack.enter_context(started(preexec_fn=few_files, stderr=errors))
        for _ in range(3 * FEW_FILES):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            if kind == "WebSockets":
                # A connection for which there is no room is closed at once.
                with suppress(OSError):
                    client.sendall(request("/ws", port, ["Upgrade: websocket"]))
        deadline_s = time.monotonic() + 10
        while not answers(port):
            assert time.monotonic() < deadline_s
        code, exit_s = ends(process)
    note(f"{log.stat().st_size} bytes of log, exited within {exit_s:.2f} s")
    assert code == 0
    assert exit_s < EXIT_WITHIN_S
    assert log.stat().st_size < 5_000
    assert "few open files" in log.read_text()


def closed_pipe() -> int:
    """Return the end to write to of a pipe that nobody reads."""
    read, write = os.pipe()
    os.close(read)
    return write


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("streams", ["full", "pipe", "closed", "no errors"])
def test_standard_streams_that_fail_stop_nothing(streams: str, workers: str) -> None:
    descriptors = {"closed": (0, 1), "no errors": (2,)}.get(streams, ())
    with ExitStack() as stack:
        more: dict[str, Any] = {"stdout": subprocess.DEVNULL}
        if streams == "full":
            more = {"stdout": stack.enter_context(open("/dev/full", "wb"))}  # noqa: PTH123
        if streams == "pipe":
            more = {"stdout": closed_pipe()}
            stack.callback(os.close, more["stdout"])
        if descriptors:
            more["preexec_fn"] = lambda: list(map(os.close, descriptors))
        process, _ = stack.enter_context(started("--workers", workers, **more))
        code, exit_s = ends(process)
    assert code == 0
    assert exit_s < EXIT_WITHIN_S


def test_a_stopped_worker_is_killed() -> None:
    with started("--workers", "2") as (process, _):
        os.kill(workers_of(process)[0], signal.SIGSTOP)
        code, exit_s = ends(process)
    assert code == 0
    # On top of what is promised: the kill, and what a busy machine takes for it.
    assert exit_s < EXIT_WITHIN_S + 1


def test_an_ignored_sigchld_is_not_inherited() -> None:
    ignore = lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # noqa: E731
    with started("--workers", "2", preexec_fn=ignore) as (process, port):
        first = workers_of(process)
        os.kill(first[0], signal.SIGKILL)
        deadline_s = time.monotonic() + 20
        while len(set(workers_of(process)) - {first[0]}) < 2:
            assert time.monotonic() < deadline_s
        assert answers(port)
        code, exit_s = ends(process)
    assert code == 0
    assert exit_s < EXIT_WITHIN_S


def test_a_browser_in_the_foreground_delays_nothing(tmp_path: Path) -> None:
    """It is opened once, also if the first worker is started again."""
    opened = tmp_path / "opened"
    browser = tmp_path / "browser.sh"
    browser.write_text(f"#!/bin/sh\necho x >> {opened}\nexec tail -f /dev/null\n")
    browser.chmod(0o755)
    environment = {**os.environ, "BROWSER": f"{browser} %s"}
    with started("--open", "--workers", "2", env=environment) as (process, port):
        deadline_s = time.monotonic() + 20
        while not opened.exists():
            assert time.monotonic() < deadline_s
        first = workers_of(process)
        for worker in first:
            os.kill(worker, signal.SIGKILL)
        while len(set(workers_of(process)) - set(first)) < 2 or not answers(port):
            assert time.monotonic() < deadline_s
        code, exit_s = ends(process)
    assert code == 0
    assert exit_s < EXIT_WITHIN_S
    assert opened.read_text() == "x\n"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_of_two_starts_on_one_port_one_serves_and_one_says_why_not(
    rounds: Callable[[int, int], int], workers: str
) -> None:
    for _ in range(rounds(2, 10)):
        port = free_port()
        command = [sys.executable, "-m", "nnvisu", "--port", str(port), "--workers", workers]
        both = [
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            for _ in range(2)
        ]
        try:
            deadline_s = time.monotonic() + START_S
            while all(process.poll() is None for process in both):
                assert time.monotonic() < deadline_s
            refused = next(process for process in both if process.poll() is not None)
            assert refused.returncode == 2
            assert refused.stderr is not None
            assert (
                refused.stderr.read()
                .decode()
                .startswith(f"nnvisu cannot listen on 127.0.0.1 port {port}")
            )
            while not answers(port):
                assert time.monotonic() < deadline_s
        finally:
            for process in both:
                process.kill()
                process.wait()
                assert process.stderr is not None
                process.stderr.close()
