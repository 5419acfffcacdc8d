"""Slow, stalled and broken links: fewer frames are shown, and no epoch is lost."""

import time
from collections.abc import Callable, Iterator

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from nnvisu.wire.messages import Ack, Budget, Engine, Frame, Hyperparameters
from tests.support.client import Client
from tests.support.pages import pages
from tests.support.requests import a_train, trained
from tests.support.server import ServerProcess
from tests.support.throttle import Link, throttle

BITS_PER_S = 1e6
DELAY_S = 0.1


@pytest.fixture
def link(shared_server: ServerProcess) -> Iterator[Link]:
    """A link of 1 Mbit/s and 100 ms to the shared server."""
    with throttle(shared_server.port, BITS_PER_S, DELAY_S) as link:
        yield link


@pytest.fixture
def far(link: Link) -> Iterator[Client]:
    """A connection through the link."""
    with connect(f"ws://127.0.0.1:{link.port}/ws", compression=None) as socket:
        client = Client(socket)
        client.expect(Engine, lambda engine: engine.progress == 1)
        yield client


def test_over_a_slow_link_every_epoch_is_computed_and_the_newest_are_shown(far: Client) -> None:
    train = a_train(
        hyperparameters=Hyperparameters(batch_size=16, dropout=0.1),
        budget=Budget(epochs=1000),
        pace=500.0,
        frames_per_second=60,
    )
    *frames, last = far.train(train)
    assert (last.ended, last.checkpoint) == ("budget", trained(train, 1000))
    # Two seconds at 60 frames per second; a round trip of 0.2 s with two credits allows fewer.
    assert 5 < len(frames) < 40
    for frame in frames:
        assert frame.checkpoint == trained(train, frame.checkpoint.epoch)


def test_after_a_stall_the_next_frame_is_the_newest(
    far: Client, link: Link, shared_server: ServerProcess
) -> None:
    train = a_train(budget=Budget(seconds=10), pace=200.0, frames_per_second=60)
    far.send(train)
    first, second = far.expect(Frame), far.expect(Frame)
    link.stall()
    for frame in (first, second):
        far.send(Ack(train.id, frame.checkpoint.step))
    # A second training of the same pace measures the time while this one continues.
    meanwhile = 300
    with connect(shared_server.websocket_url, compression=None) as socket:
        Client(socket).train(a_train(budget=Budget(epochs=meanwhile), pace=200.0))
    link.resume()
    third = far.expect(Frame)
    assert third.checkpoint.epoch > second.checkpoint.epoch + 0.8 * meanwhile
    assert third.checkpoint == trained(train, third.checkpoint.epoch)


def test_the_page_does_not_time_out_on_large_messages(
    shared_server: ServerProcess, rounds: Callable[[int, int], int]
) -> None:
    """A checkpoint of the largest network has 1.1 MB: nine seconds in each direction."""
    bits_per_s = rounds(10_000_000, 1_000_000)
    with (
        throttle(shared_server.port, bits_per_s, DELAY_S) as link,
        pages(link.port, 1, pace=10, hidden_layers=[100] * 10) as page,
    ):
        page.wait_until_all_train(0)
        assert not page.since(0, "waiting")
        page.finish()


def test_after_a_wake_up_a_silently_dead_connection_is_replaced(
    link: Link, rounds: Callable[[int, int], int]
) -> None:
    with pages(link.port, 1, pace=10) as page:
        page.wait_until_all_train(0)
        link.stall()
        woken_s = time.time()
        page.hurry()
        took_s = page.wait_until_all_train(woken_s)[0]
        page.finish()
    # Without a wake-up, ten seconds of silence are allowed.
    assert took_s < rounds(8, 3)


def test_epochs_lost_with_a_broken_link_are_computed_again(far: Client, link: Link) -> None:
    train = a_train(
        hyperparameters=Hyperparameters(batch_size=16, dropout=0.1),
        budget=Budget(epochs=500),
        pace=250.0,
    )
    far.send(train)
    frames = far.frames(train.id)
    taken = [next(frame for frame in frames if frame.checkpoint.epoch > 50)]
    link.cut()
    with pytest.raises(ConnectionClosed):
        taken.extend(frames)
    newest = taken[-1]
    left = Budget(epochs=500 - newest.checkpoint.epoch)
    with connect(f"ws://127.0.0.1:{link.port}/ws", compression=None) as socket:
        again = msgspec.structs.replace(train, checkpoint=newest.checkpoint, budget=left)
        *_, last = Client(socket).train(again)
    assert last.checkpoint == trained(train, 500)
