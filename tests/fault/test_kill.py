"""The server is killed at random moments: a resumed run ends with the same bits."""

import random
import time
from collections.abc import Callable

import msgspec

from nnvisu.model.choices import OptimiserName
from nnvisu.wire.messages import Ack, Budget, Checkpoint, Frame, Hyperparameters, Train
from tests.support.client import Client, connected
from tests.support.requests import a_train, trained
from tests.support.server import ServerProcess

OPTIMISERS: list[OptimiserName] = ["sgd", "momentum", "rmsprop", "adam", "adamw"]
EPOCHS = 60_000
"""Which take some tenths of a second on one core."""
PACED_EPOCHS = 300
PACE = 500.0


def test_a_kill_loses_at_most_the_frame_in_flight(
    server: ServerProcess, rounds: Callable[[int, int], int], note: Callable[[str], None]
) -> None:
    generator = random.Random(1)
    kills = rounds(5, 100)
    before_any, in_the_middle = 0, 0
    for number in range(kills):
        paced = number % 2 == 1
        train = a_train(
            hyperparameters=Hyperparameters(
                OPTIMISERS[number % len(OPTIMISERS)],
                batch_size=generator.choice([None, 7, 16]),
                dropout=generator.choice([0.0, 0.2]),
            ),
            budget=Budget(epochs=PACED_EPOCHS if paced else EPOCHS),
            pace=PACE if paced else None,
            frames_per_second=60,
        )
        with connected(server) as client:
            client.send(train)
            # From 0.1 ms to 0.5 s: before the first frame, while it is computed, between
            # frames, and sometimes after the last one.
            newest = take_until(client, train, 10 ** generator.uniform(-4, -0.3))
            server.kill()
        server.start()
        before_any += newest == train.checkpoint
        in_the_middle += 0 < newest.epoch < whole(train)
        assert resumed(server, train, newest) == trained(train, whole(train))
    note(f"{kills} kills, {before_any} before the first frame, {in_the_middle} in the middle")


def take_until(client: Client, train: Train, seconds: float) -> Checkpoint:
    """Receive frames for some seconds; return the newest checkpoint."""
    newest = train.checkpoint
    deadline_s = time.monotonic() + seconds
    while (left_s := deadline_s - time.monotonic()) > 0:
        try:
            frame = client.next(left_s)
        except TimeoutError:
            break
        assert isinstance(frame, Frame)
        newest = frame.checkpoint
        if frame.ended is None:
            client.send(Ack(train.id, newest.step))
    return newest


def whole(train: Train) -> int:
    """Return the number of epochs that a request asks for."""
    assert train.budget.epochs is not None
    return train.budget.epochs


def resumed(server: ServerProcess, train: Train, newest: Checkpoint) -> Checkpoint:
    """Train from a checkpoint to the final epoch of the request."""
    left = whole(train) - newest.epoch
    if left == 0:
        return newest
    with connected(server) as client:
        again = msgspec.structs.replace(
            train, checkpoint=newest, budget=Budget(epochs=left), pace=None
        )
        return client.train(again)[-1].checkpoint
