"""Replicas behind the real nginx and HAProxy: lost or ended in the middle, nothing is lost."""

import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus
from websockets.sync.client import connect

from nnvisu.protocol import Budget, Checkpoint, Frame, Hyperparameters, Train
from tests.support.client import Client
from tests.support.proxies import PROXIES, proxy
from tests.support.requests import a_train, trained
from tests.support.server import ServerProcess, running

EPOCHS = 300
BACK_WITHIN_S = 10


def train_through(port: int, train: Train, on_frame: Callable[[int], None]) -> Checkpoint:
    """Train as the page does: when the connection is lost, go on from the newest frame."""
    checkpoint = train.checkpoint
    frames = 0
    lost_s = time.monotonic()
    while checkpoint.epoch < EPOCHS:
        try:
            with connect(f"ws://127.0.0.1:{port}/ws", compression=None) as socket:
                left = Budget(epochs=EPOCHS - checkpoint.epoch)
                client = Client(socket)
                client.send(msgspec.structs.replace(train, checkpoint=checkpoint, budget=left))
                for frame in client.frames(train.id):
                    checkpoint = frame.checkpoint
                    frames += 1
                    lost_s = time.monotonic()
                    on_frame(frames)
        except (ConnectionClosed, InvalidStatus, InvalidMessage, OSError):
            assert time.monotonic() - lost_s < BACK_WITHIN_S, "nobody serves any more"
    return checkpoint


@pytest.mark.parametrize("name", PROXIES)
@pytest.mark.parametrize("end", [ServerProcess.kill, ServerProcess.terminate])
def test_a_lost_replica_costs_nothing(
    name: str,
    end: Callable[[ServerProcess], object],
    tmp_path: Path,
    rounds: Callable[[int, int], int],
) -> None:
    train = a_train(
        hyperparameters=Hyperparameters(batch_size=16, dropout=0.1),
        pace=400.0,
        frames_per_second=60,
    )
    expected = trained(train, EPOCHS)
    generator = random.Random(1)
    with ExitStack() as stack:
        replicas = [stack.enter_context(running()) for _ in range(2)]
        for replica in replicas:
            wait_until_ready(replica)
        port = stack.enter_context(proxy(name, [replica.port for replica in replicas], tmp_path))
        for _ in range(rounds(1, 20)):
            first = generator.randrange(2)
            ends = {generator.randint(3, 8): first, generator.randint(14, 20): 1 - first}

            def hurt(frame: int, ends: dict[int, int] = ends) -> None:
                """End one replica; when it is back, the other, so that one of them is ours."""
                if frame in ends:
                    victim = replicas[ends[frame]]
                    end(victim)
                    victim.start()
                    wait_until_ready(victim)

            assert train_through(port, train, hurt) == expected


def wait_until_ready(server: ServerProcess) -> None:
    """Wait until a server's engine is prepared."""
    with connect(server.websocket_url, compression=None) as socket:
        client = Client(socket)
        client.send(a_train(budget=Budget(epochs=1)))
        client.expect(Frame)
