"""Everybody comes back at once, when the server does."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from nnvisu.wire.messages import Budget
from tests.support.client import connected
from tests.support.requests import a_train, trained
from tests.support.server import ServerProcess


def test_a_herd_comes_back(server: ServerProcess, rounds: Callable[[int, int], int]) -> None:
    users = rounds(40, 500)
    server.restart()
    train = a_train(budget=Budget(epochs=20))

    def come_back(_: int) -> bool:
        with connected(server) as client:
            return client.train(train)[-1].checkpoint == trained(train, 20)

    with ThreadPoolExecutor(users) as pool:
        assert all(pool.map(come_back, range(users)))
