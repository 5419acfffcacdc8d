"""Many connections with different data and settings: no reply is mixed up, bit for bit."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import get_args

import numpy as np

from nnvisu import engine
from nnvisu.model.choices import Activation, Feature, Initialiser, OptimiserName, Schedule
from nnvisu.training.answers import generate, initialise
from nnvisu.training.conversion import checkpoint_of, metrics_message, points_of
from nnvisu.wire.messages import (
    Budget,
    Checkpoint,
    Data,
    Frame,
    Generate,
    Generated,
    Hyperparameters,
    Initialise,
    Initialised,
    Network,
    Points,
    Reply,
    Request,
    Train,
)
from tests.support.client import Client, connected
from tests.support.requests import trained
from tests.support.server import ServerProcess

CONNECTIONS = 50
FEATURES = get_args(Feature)


class RandomUser:
    """A user of one connection, whose requests are drawn from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._checkpoint = self._initialised(self._network())
        self._frames: list[tuple[Train, Frame]] = []
        self._answers: list[tuple[list[Generate | Initialise], list[Reply]]] = []

    def visit(self, client: Client, rounds: int) -> None:
        """Send three requests at a time, in random order, and keep the replies."""
        for id_ in range(0, 3 * rounds, 3):
            train = self._train(id_)
            others: list[Generate | Initialise] = [
                Generate(id_ + 1, "spiral", self._random.randint(2, 999), seed=id_),
                Initialise(id_ + 2, self._network(), id_, "adam", train.checkpoint),
            ]
            requests: list[Request] = [train, *others]
            self._random.shuffle(requests)
            for request in requests:
                client.send(request)
            last = None
            answers: list[Reply] = []
            while last is None or len(answers) < len(others):
                reply = client.next()
                if isinstance(reply, Frame):
                    self._frames.append((train, reply))
                    client.acknowledge(reply)
                    last = reply if reply.ended is not None else None
                else:
                    answers.append(reply)
            self._answers.append((others, answers))
            self._checkpoint = last.checkpoint

    def check(self) -> None:
        """Compare every reply with one computed in this process."""
        for others, answers in self._answers:
            own = [
                generate(request) if isinstance(request, Generate) else initialise(request)
                for request in others
            ]
            assert sorted(answers, key=_id) == own
        for train, frame in self._frames:
            assert frame.id == train.id
            epochs = frame.checkpoint.epoch - train.checkpoint.epoch
            assert frame.checkpoint == trained(train, epochs)
            shown = checkpoint_of(frame.checkpoint, "checkpoint")
            parts = ((train.data.training, frame.training), (train.data.test, frame.test))
            for points, got in parts:
                metrics = engine.evaluate(shown, points_of(points, "data"))
                assert got == (None if metrics is None else metrics_message(metrics))

    def _train(self, id_: int) -> Train:
        chance = self._random
        network = self._checkpoint.network if chance.random() < 0.5 else self._network()
        optimisers: tuple[OptimiserName, ...] = get_args(OptimiserName)
        schedules: tuple[Schedule, ...] = get_args(Schedule)
        return Train(
            id=id_,
            network=network,
            checkpoint=self._checkpoint,
            hyperparameters=Hyperparameters(
                optimiser=chance.choice(optimisers),
                learning_rate=chance.choice([0.001, 0.01, 0.05]),
                batch_size=chance.choice([None, 1, 7, 32, 1000]),
                l1=chance.choice([0, 0.001]),
                l2=chance.choice([0, 0.01]),
                dropout=chance.choice([0, 0.1, 0.5]),
                nesterov=chance.random() < 0.5,
                clip_norm=chance.choice([None, 1.0]),
                schedule=chance.choice(schedules),
                schedule_epochs=chance.randint(1, 50),
            ),
            data=Data(
                self._points(network, chance.randint(1, 90)),
                self._points(network, chance.choice([0, 1, 40])),
            ),
            budget=Budget(epochs=chance.randint(1, 40)),
            pace=chance.choice([None, 200.0, 1000.0]),
            frames_per_second=chance.choice([10, 60]),
        )

    def _network(self) -> Network:
        chance = self._random
        activations: tuple[Activation, ...] = get_args(Activation)
        initialisers: tuple[Initialiser, ...] = get_args(Initialiser)
        features = sorted(chance.sample(range(len(FEATURES)), chance.randint(1, 4)))
        return Network(
            hidden_layers=tuple(chance.randint(1, 12) for _ in range(chance.randint(0, 4))),
            classes=tuple(sorted(chance.sample(range(10), chance.randint(2, 5)))),
            activation=chance.choice(activations),
            features=tuple(FEATURES[place] for place in features),
            initialiser=chance.choice(initialisers),
        )

    def _points(self, network: Network, samples: int) -> Points:
        coordinates = np.array([self._random.uniform(-1, 1) for _ in range(2 * samples)], "<f4")
        return Points(
            coordinates[:samples].tobytes(),
            coordinates[samples:].tobytes(),
            bytes(self._random.choices(network.classes, k=samples)),
        )

    def _initialised(self, network: Network) -> Checkpoint:
        seed = self._random.randrange(2**32)
        return initialise(Initialise(0, network, seed)).checkpoint


def _id(reply: Reply) -> int:
    assert isinstance(reply, Generated | Initialised), reply
    return reply.id


def test_fifty_connections_get_their_own_results(
    server: ServerProcess, rounds: Callable[[int, int], int]
) -> None:
    users = [RandomUser(seed) for seed in range(CONNECTIONS)]

    def visit(user: RandomUser) -> None:
        with connected(server) as client:
            user.visit(client, rounds(3, 100))

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(visit, users))
    for user in users:
        user.check()
