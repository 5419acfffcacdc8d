"""Several worker processes on one port, as the real command runs them."""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from nnvisu.wire.messages import Budget, Frame
from tests.support.client import Client, connected
from tests.support.http import ask
from tests.support.requests import a_train, trained
from tests.support.server import ServerProcess, run_to_exit, running
from tests.unit.web.test_limits import refusal

ENOUGH = 16
"""Connections, so that each of two workers has some: all go to one in 1 of 32 768 cases."""
TIMEOUT_S = 60


@pytest.fixture
def pair() -> Iterator[ServerProcess]:
    """A server of two workers."""
    with running(["--workers", "2"]) as server:
        yield server


def workers(server: ServerProcess) -> list[int]:
    """List the process ids of a server's workers."""
    pid = server.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def sockets(pid: int) -> int:
    """Count the sockets that a process has open."""
    links = Path(f"/proc/{pid}/fd").iterdir()
    return sum(str(link.readlink()).startswith("socket:") for link in links)


def wait_until_ready(server: ServerProcess, number: int) -> None:
    """Wait until `number` workers are ready to compute."""
    end_s = time.monotonic() + TIMEOUT_S
    while f"nnvisu_workers_ready {number}.0" not in server.get("metrics"):
        assert time.monotonic() < end_s


def test_all_workers_serve(pair: ServerProcess) -> None:
    wait_until_ready(pair, 2)
    before = {pid: sockets(pid) for pid in workers(pair)}
    train = a_train()
    with ExitStack() as stack:
        clients = [stack.enter_context(connected(pair)) for _ in range(ENOUGH)]
        shares = [sockets(pid) - before[pid] for pid in workers(pair)]
        assert len(shares) == 2
        assert min(shares) > 0
        assert f"nnvisu_connections {ENOUGH}.0" in pair.get("metrics")
        for client in clients:
            assert client.train(train)[-1].checkpoint == trained(train, 5)


def test_a_dead_worker_is_replaced_and_the_other_continues() -> None:
    train = a_train(pace=60.0, budget=Budget(epochs=90))
    with running(["--workers", "2"], errors=True) as server:
        wait_until_ready(server, 2)
        with ExitStack() as stack:
            clients = [stack.enter_context(connected(server)) for _ in range(ENOUGH)]
            for client in clients:
                client.send(train)
                client.expect(Frame)
            victim, survivor = workers(server)
            os.kill(victim, signal.SIGKILL)
            ends = [end(client, train.id) for client in clients]
        assert None in ends
        assert any(ends)
        assert {last.checkpoint for last in ends if last} == {trained(train, 90)}
        wait_until_ready(server, 2)
        assert survivor in workers(server)
        assert victim not in workers(server)
        with connected(server) as client:
            assert client.train(a_train())[-1].checkpoint == trained(a_train(), 5)
        record = json.loads(server.errors())
    assert (record["level"], record["event"]) == ("warning", "worker died")
    assert (record["worker"], record["cause"]) in {(0, "signal 9"), (1, "signal 9")}


def end(client: Client, id: int) -> Frame | None:  # noqa: A002 - the wire's name
    """Follow a training to its last frame; None if the connection was lost."""
    try:
        *_, last = client.frames(id)
    except ConnectionClosed:
        return None
    return last


def test_all_workers_close_their_connections_on_sigterm(pair: ServerProcess) -> None:
    wait_until_ready(pair, 2)
    train = a_train(budget=Budget(seconds=10), pace=20.0)
    with ExitStack() as stack:
        clients = [stack.enter_context(connected(pair)) for _ in range(ENOUGH)]
        for client in clients:
            client.send(train)
            client.expect(Frame)
        start_s = time.monotonic()
        assert pair.terminate() == 0
        assert time.monotonic() - start_s < 2
        for client in clients:
            last, code = last_frame_and_code(client)
            assert code == 1012
            assert last.checkpoint == trained(train, last.checkpoint.epoch)


def last_frame_and_code(client: Client) -> tuple[Frame, int | None]:
    """Wait for the end of a connection; return its last frame and its close code."""
    frames: list[Frame] = []
    try:
        while True:
            frames.append(client.expect(Frame))
    except ConnectionClosed as closed:
        return frames[-1], closed.rcvd.code if closed.rcvd else None


def test_workers_that_are_still_starting_exit_cleanly(pair: ServerProcess) -> None:
    assert pair.terminate() == 0


def test_the_first_worker_prepares_the_engine_before_the_others() -> None:
    with running(["--workers", "3", "--log-level", "info"], errors=True) as server:
        wait_until_ready(server, 3)
        logged = [json.loads(line) for line in server.errors().splitlines()]
    ready = [record["worker"] for record in logged if record["event"] == "ready"]
    assert (ready[0], sorted(ready)) == (0, [0, 1, 2])


def test_a_keyboard_interrupt_ends_all_processes_cleanly() -> None:
    with running(["--workers", "2"]) as server, connected(server):
        for pid in (*workers(server), server.process.pid):
            os.kill(pid, signal.SIGINT)
        assert server.process.wait(timeout=10) == 0


def test_workers_end_with_their_supervisor(pair: ServerProcess) -> None:
    pair.kill()
    end_s = time.monotonic() + TIMEOUT_S
    while is_open(pair.port):
        assert time.monotonic() < end_s
    pair.start()


def is_open(port: int) -> bool:
    """Return whether a local port accepts connections."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_limits_apply_to_all_workers_together() -> None:
    options = ["--workers", "2", "--trust-proxy", "127.0.0.1"]
    limits = ["--max-connections", "5", "--max-per-address", "3"]
    one, another = (
        {"additional_headers": {"X-Forwarded-For": f"192.0.2.{host}"}} for host in (1, 2)
    )
    with running([*options, *limits]) as server, ExitStack() as stack:
        ours = [stack.enter_context(connected(server, **one)) for _ in range(3)]
        assert {refusal(server, **one)[0] for _ in range(ENOUGH)} == {1013}
        for _ in range(2):
            stack.enter_context(connected(server, **another))
        assert {refusal(server, **another)[0] for _ in range(ENOUGH)} == {1013}
        metrics = server.get("metrics")
        assert "nnvisu_connections 5.0" in metrics
        assert ask(server.port, "/healthz").status == 200
        ours[0].socket.close()
        stack.enter_context(connected(server, **another))


def test_no_other_server_can_share_the_workers_port(pair: ServerProcess) -> None:
    for options in ([], ["--workers", "2"]):
        done = run_to_exit("--port", str(pair.port), *options)
        assert done.returncode == 2
        assert f"cannot listen on 127.0.0.1 port {pair.port}: " in done.stderr


@pytest.mark.parametrize("number", ["1", "2"])
def test_a_server_whose_engine_cannot_be_prepared_exits(number: str, tmp_path: Path) -> None:
    (tmp_path / "numba.py").write_text("raise RuntimeError('broken')")
    done = run_to_exit("--port", "0", "--workers", number, PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    faults = [record for line in done.stderr.splitlines() if (record := json.loads(line))]
    fault = next(record for record in faults if record["event"] == "fault")
    assert fault["traceback"].rstrip().endswith("RuntimeError: broken")


@pytest.mark.parametrize("number", ["0", "-1", "many"])
def test_an_invalid_number_of_workers_is_refused(number: str) -> None:
    done = run_to_exit("--workers", number)
    assert done.returncode == 2
    assert f"got {number!r}" in done.stderr
