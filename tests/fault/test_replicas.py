"""Replicas behind the real nginx and HAProxy: no run is lost when a replica ends."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.support.client import connected
from tests.support.pages import pages
from tests.support.proxies import PROXIES, proxy
from tests.support.server import ServerProcess, running

BACK_WITHIN_S = 1.0
"""The 95th percentile of reconnection times; the quick form multiplies it by `PATIENCE`."""
PATIENCE = 5
RUNS = 50


@contextmanager
def replicated(name: str, count: int, folder: Path) -> Iterator[tuple[int, list[ServerProcess]]]:
    """Run a proxy in front of `count` replicas; yield its port and the replicas."""
    with ExitStack() as stack:
        replicas = [stack.enter_context(running()) for _ in range(count)]
        for replica in replicas:
            wait_until_ready(replica)
        port = stack.enter_context(proxy(name, [replica.port for replica in replicas], folder))
        wait_until_used(port, replicas)
        yield port, replicas


def wait_until_ready(server: ServerProcess) -> None:
    """Wait until a server's engine is prepared."""
    with connected(server):
        pass


def wait_until_used(port: int, replicas: list[ServerProcess]) -> None:
    """Wait until the proxy has found all replicas and forwards connections to each."""
    with ExitStack() as users:
        deadline_s = time.monotonic() + 10
        while not all(replica.connections() for replica in replicas):
            assert time.monotonic() < deadline_s, "the proxy does not use all replicas"
            users.enter_context(connect(f"ws://127.0.0.1:{port}/ws", compression=None))


@pytest.mark.parametrize("name", PROXIES)
@pytest.mark.parametrize("end", [ServerProcess.kill, ServerProcess.terminate])
def test_a_run_continues_after_the_loss_of_its_replica(
    name: str,
    end: Callable[[ServerProcess], object],
    tmp_path: Path,
    rounds: Callable[[int, int], int],
    note: Callable[[str], None],
) -> None:
    back_s = []
    with (
        replicated(name, 2, tmp_path) as (port, replicas),
        pages(port, 1, pace=60, batch_size=16, dropout=0.1) as page,
    ):
        page.wait_until_all_train(0)
        for _ in range(rounds(2, 20)):
            (ours,) = page.wait(
                lambda: [replica for replica in replicas if replica.connections()],
                lambda used: len(used) == 1,
            )
            start_s = time.time()
            end(ours)
            back_s.append(page.wait_until_all_train(start_s)[0])
            ours.start()
            wait_until_ready(ours)
            wait_until_used(port, [ours])
        page.finish()
    note(figures(back_s))
    assert p95(back_s) < BACK_WITHIN_S * rounds(PATIENCE, 1)


@pytest.mark.parametrize("name", PROXIES)
def test_a_rolling_restart_loses_no_run(
    name: str,
    tmp_path: Path,
    rounds: Callable[[int, int], int],
    note: Callable[[str], None],
) -> None:
    start_s = time.time()
    with (
        replicated(name, 3, tmp_path) as (port, replicas),
        pages(port, rounds(10, RUNS), pace=10, batch_size=16, dropout=0.1) as crowd,
    ):
        crowd.wait_until_all_train(0)
        for replica in replicas:
            assert replica.terminate() == 0
            replica.start()
            wait_until_ready(replica)
            wait_until_used(port, [replica])
        crowd.wait_until_all_connected()
        moves_s = crowd.absences_s(start_s)
        # Every run has moved to another replica.
        assert all(moves_s)
        crowd.finish()
    back_s = [move_s for moves in moves_s for move_s in moves]
    note(figures(back_s))
    assert p95(back_s) < BACK_WITHIN_S * rounds(PATIENCE, 1)


def p95(values: list[float]) -> float:
    """Return the 95th percentile."""
    return sorted(values)[(len(values) * 95 + 99) // 100 - 1]


def figures(back_s: list[float]) -> str:
    """Summarise reconnection times."""
    return f"{len(back_s)} times back, within {p95(back_s):.2f} s (p95), {max(back_s):.2f} s (all)"
