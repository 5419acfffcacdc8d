"""What one connection does to the others, and what it leaves behind: nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from nnvisu.protocol import Budget, Frame, Network
from tests.support.client import connected
from tests.support.requests import a_checkpoint, a_train, trained
from tests.support.server import ServerProcess

MIB = 1024 * 1024
LARGEST = Network((100,) * 10, (0, 1, 2))


def test_a_reader_that_stalls_costs_little_and_then_sees_the_newest_state(
    server: ServerProcess,
) -> None:
    train = a_train(
        network=LARGEST,
        checkpoint=a_checkpoint(LARGEST),
        budget=Budget(seconds=6),
        frames_per_second=60,
    )
    with connected(server) as stalled, connected(server) as other:
        stalled.send(train)
        # Two frames of 1.1 MB are on their way, and nobody acknowledges them.
        first = stalled.expect(Frame)
        stalled.expect(Frame)
        before = server.resident_bytes()
        *_, last = other.train(a_train(2, pace=60.0, budget=Budget(epochs=150)))
        assert last.checkpoint.epoch == 150
        assert server.resident_bytes() - before < 8 * MIB
        newest = stalled.expect(Frame)
        assert newest.ended == "budget"
        assert newest.checkpoint.epoch > first.checkpoint.epoch + 10


def test_a_herd_comes_back(server: ServerProcess, rounds: Callable[[int, int], int]) -> None:
    users = rounds(40, 500)
    server.restart()
    train = a_train(budget=Budget(epochs=20))

    def come_back(_: int) -> bool:
        with connected(server) as client:
            return client.train(train)[-1].checkpoint == trained(train, 20)

    with ThreadPoolExecutor(users) as pool:
        assert all(pool.map(come_back, range(users)))
