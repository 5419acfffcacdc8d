"""All clients reconnect at once after a restart (thundering herd)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from nnvisu.wire.messages import Budget
from tests.support.client import connected
from tests.support.requests import a_train, trained
from tests.support.server import ServerProcess


def test_simultaneous_reconnections_all_succeed(
    server: ServerProcess, rounds: Callable[[int, int], int]
) -> None:
    users = rounds(40, 500)
    server.restart()
    train = a_train(budget=Budget(epochs=20))

    def reconnect(_: int) -> bool:
        with connected(server) as client:
            return client.train(train)[-1].checkpoint == trained(train, 20)

    with ThreadPoolExecutor(users) as pool:
        assert all(pool.map(reconnect, range(users)))
