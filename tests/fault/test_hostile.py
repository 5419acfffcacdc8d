"""Many damaged messages: each gets a reply, and other clients are unaffected."""

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

BACKGROUND_CLIENTS = 20
UNDISTURBED_S = 3.0
PERCENT = 60, 90
"""The percentage of their frame rate that background clients must keep, in the quick form and with
--soak. The quick form allows for the processor time of the senders."""


class BackgroundClients:
    """Clients that train at the page's default pace and check each checkpoint bit for bit."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self._stopped = threading.Event()
        self.frames = 0

    def rate(self, during: Callable[[], object]) -> float:
        """Return their total frames per second while `during` runs."""
        before, start_s = self.frames, time.monotonic()
        during()
        return (self.frames - before) / (time.monotonic() - start_s)

    def train(self, seed: int) -> None:
        """Train until `stop`."""
        train = a_train(
            hyperparameters=Hyperparameters(batch_size=30, dropout=0.1),
            checkpoint=msgspec.structs.replace(a_train().checkpoint, seed=seed),
            budget=Budget(seconds=2),
            pace=60.0,
            frames_per_second=10,
        )
        with connected(self._server) as client:
            while not self._stopped.is_set():
                client.send(train)
                for frame in client.frames(train.id):  # noqa: B007 - the last one is used below
                    self.frames += 1
                epochs = frame.checkpoint.epoch - train.checkpoint.epoch
                assert frame.checkpoint == trained(train, epochs)
                train = msgspec.structs.replace(train, checkpoint=frame.checkpoint)

    def wait(self, seconds: float) -> None:
        """Wait, or return early after `stop`."""
        self._stopped.wait(seconds)

    def stop(self) -> None:
        """Tell all clients to finish their current training."""
        self._stopped.set()


@contextmanager
def background_training(server: ServerProcess) -> Iterator[BackgroundClients]:
    """Run background clients for the duration of the block."""
    background = BackgroundClients(server)
    with ThreadPoolExecutor(BACKGROUND_CLIENTS) as pool:
        done = [pool.submit(background.train, seed) for seed in range(BACKGROUND_CLIENTS)]
        try:
            yield background
        finally:
            background.stop()
        for future in done:
            future.result()


def test_damaged_messages_get_replies_and_do_not_slow_other_clients(
    server: ServerProcess, rounds: Callable[[int, int], int]
) -> None:
    messages = rounds(10_000, 1_000_000)
    with (
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool,
        background_training(server) as background,
    ):
        # Start the process before the measurement.
        pool.submit(flood, server.port, 1, 1).result()
        undisturbed = background.rate(lambda: background.wait(UNDISTURBED_S))
        hostile = pool.submit(flood, server.port, messages, 50, seed=messages)
        under_attack = background.rate(hostile.result)
        tally = hostile.result()
    assert tally.sent >= messages
    assert tally.unanswered == 0
    assert tally.wrong_ends == []
    assert tally.refused > 0.8 * messages
    assert under_attack > rounds(*PERCENT) / 100 * undisturbed
