"""Killed at any moment and started again: the run that resumes ends with the same bits."""

import random
from collections.abc import Callable

import msgspec

from nnvisu.protocol import Budget, Hyperparameters, OptimiserName
from tests.support.client import connected
from tests.support.requests import a_train, trained
from tests.support.server import ServerProcess

EPOCHS = 200


def test_a_kill_at_any_moment_costs_at_most_the_frame_in_flight(
    server: ServerProcess, rounds: Callable[[int, int], int]
) -> None:
    generator = random.Random(1)
    optimisers: list[OptimiserName] = ["sgd", "rmsprop", "adam"]
    for number in range(rounds(3, 100)):
        train = a_train(
            hyperparameters=Hyperparameters(
                optimisers[number % 3], batch_size=generator.randint(1, 60), dropout=0.2
            ),
            budget=Budget(epochs=EPOCHS),
            frames_per_second=60,
        )
        last_word = generator.randint(1, 12)
        with connected(server) as client:
            client.send(train)
            frames = client.frames(train.id)
            frame = next(frames)
            while frame.ended is None and frame.checkpoint.step < last_word * 40:
                frame = next(frames)
            server.kill()
        server.start()
        left = EPOCHS - frame.checkpoint.epoch
        last = frame
        if left > 0:
            with connected(server) as client:
                *_, last = client.train(
                    msgspec.structs.replace(
                        train, checkpoint=frame.checkpoint, budget=Budget(epochs=left)
                    )
                )
        assert last.checkpoint == trained(train, EPOCHS)
