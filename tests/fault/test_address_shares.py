"""Many connections of one address leave another address its part of the processor."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import msgspec
import pytest
from websockets.sync.client import connect

from nnvisu.wire.messages import Budget, Network
from tests.support.client import Client
from tests.support.requests import a_train
from tests.support.server import ServerProcess, running

MEASURE_S = 1.5
QUICK_CROWD = 60
# Unpaced: it computes as much as it may. The network is large enough that messages cost little.
REQUEST = a_train(network=Network((60, 60), (0, 1, 2)), budget=Budget(seconds=10))
OPTIONS = ["--host", "::", "--workers", "1", "--trust-proxy", "127.0.0.9"]

Place = tuple[str, str | None]
"""The address that a client connects from, and the one that it reports as a proxy would."""
CROWD: Place = ("127.0.0.1", None)
OTHERS: dict[str, Place] = {
    "another IPv4 address": ("127.0.0.2", None),
    "an IPv6 address": ("::1", None),
    "through a trusted proxy": ("127.0.0.9", "192.0.2.1"),
}
SAME: dict[str, Place] = {
    "the same address": ("127.0.0.1", None),
    "through a proxy that is not trusted": ("127.0.0.1", "192.0.2.1"),
}


@contextmanager
def at(server: ServerProcess, place: Place) -> Iterator[Client]:
    """Connect from a place."""
    own, reported = place
    target = "::1" if ":" in own else "127.0.0.1"
    raw = socket.create_connection((target, server.port), 30, source_address=(own, 0))
    headers = {} if reported is None else {"X-Forwarded-For": reported}
    with connect(
        server.websocket_url, sock=raw, additional_headers=headers, compression=None, max_size=None
    ) as opened:
        yield Client(opened)


def speed(server: ServerProcess, place: Place) -> float:
    """Train for a while from a place; return the steps a second."""
    with at(server, place) as client:
        client.send(REQUEST)
        frames = client.frames(REQUEST.id)
        first, start_s = next(frames), time.monotonic()
        newest = next(frame for frame in frames if time.monotonic() - start_s >= MEASURE_S)
        return (newest.checkpoint.step - first.checkpoint.step) / (time.monotonic() - start_s)


@pytest.fixture(scope="module")
def own() -> Iterator[ServerProcess]:
    """A server in one process, on all addresses."""
    with running(OPTIONS) as server:
        speed(server, CROWD)
        yield server


def kept(server: ServerProcess, place: Place, crowd: int) -> float:
    """Return which part of its speed a client keeps beside a crowd at `CROWD`."""
    alone = speed(server, place)
    with ExitStack() as stack:
        for _ in range(crowd):
            client = stack.enter_context(at(server, CROWD))
            client.send(msgspec.structs.replace(REQUEST, id=2))
        return speed(server, place) / alone


@pytest.mark.parametrize("place", OTHERS.values(), ids=OTHERS)
def test_another_address_keeps_about_half(
    own: ServerProcess,
    place: Place,
    rounds: Callable[[int, int], int],
    note: Callable[[str], None],
) -> None:
    crowd = rounds(QUICK_CROWD, 900)
    part = kept(own, place, crowd)
    note(f"keeps {part:.0%} of its speed")
    # In the quick form other tests run at the same time. An even share would be 2 %.
    assert part > (0.15 if crowd == QUICK_CROWD else 0.4)


@pytest.mark.parametrize("place", SAME.values(), ids=SAME)
def test_clients_of_one_address_share_evenly(
    own: ServerProcess, place: Place, note: Callable[[str], None]
) -> None:
    part = kept(own, place, QUICK_CROWD)
    note(f"keeps {part:.0%} of its speed")
    assert part < 0.1
