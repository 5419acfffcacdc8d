"""Damaged messages in great number: each is answered, nothing breaks, nobody else notices."""

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager

import msgspec

from nnvisu.wire.messages import Budget, Hyperparameters
from tests.support.client import connected
from tests.support.flood import flood
from tests.support.requests import a_train, trained
from tests.support.server import ServerProcess

BYSTANDERS = 20
CALM_S = 3.0
PERCENT = 60, 90
"""Of their frames that bystanders must still get: the long form's is the promise, but a short one
on a machine that has other things to do sees the senders' own use of the processor."""


class Bystanders:
    """People who train at a person's pace and look on, and check what they see to the last bit."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self._over = threading.Event()
        self.frames = 0

    def rate(self, during: Callable[[], object]) -> float:
        """Measure their frames a second, all together, while something else is done."""
        before, start_s = self.frames, time.monotonic()
        during()
        return (self.frames - before) / (time.monotonic() - start_s)

    def train(self, seed: int) -> None:
        """Train until it is over."""
        train = a_train(
            hyperparameters=Hyperparameters(batch_size=30, dropout=0.1),
            checkpoint=msgspec.structs.replace(a_train().checkpoint, seed=seed),
            budget=Budget(seconds=2),
            pace=60.0,
            frames_per_second=10,
        )
        with connected(self._server) as client:
            while not self._over.is_set():
                client.send(train)
                for frame in client.frames(train.id):  # noqa: B007 - the last one is used below
                    self.frames += 1
                epochs = frame.checkpoint.epoch - train.checkpoint.epoch
                assert frame.checkpoint == trained(train, epochs)
                train = msgspec.structs.replace(train, checkpoint=frame.checkpoint)

    def wait(self, seconds: float) -> None:
        """Look on for a while."""
        self._over.wait(seconds)

    def leave(self) -> None:
        """Let everybody finish what he is at."""
        self._over.set()


@contextmanager
def looking_on(server: ServerProcess) -> Iterator[Bystanders]:
    """Have bystanders train for as long as the block lasts."""
    bystanders = Bystanders(server)
    with ThreadPoolExecutor(BYSTANDERS) as pool:
        done = [pool.submit(bystanders.train, seed) for seed in range(BYSTANDERS)]
        try:
            yield bystanders
        finally:
            bystanders.leave()
        for future in done:
            future.result()


def test_damaged_messages_are_answered_and_disturb_nobody(
    server: ServerProcess, rounds: Callable[[int, int], int]
) -> None:
    messages = rounds(10_000, 1_000_000)
    with (
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool,
        looking_on(server) as bystanders,
    ):
        # A process needs its time to start.
        pool.submit(flood, server.port, 1, 1).result()
        calm = bystanders.rate(lambda: bystanders.wait(CALM_S))
        hostile = pool.submit(flood, server.port, messages, 50, seed=messages)
        besieged = bystanders.rate(hostile.result)
        account = hostile.result()
    assert account.sent >= messages
    assert account.unanswered == 0
    assert account.wrong_ends == []
    assert account.refused > 0.8 * messages
    assert besieged > rounds(*PERCENT) / 100 * calm
