"""The WebSocket of the real server, with valid and invalid messages."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from math import nan
from typing import Any

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from nnvisu import __version__
from nnvisu.wire.messages import (
    MAX_MESSAGE_BYTES,
    Ack,
    Budget,
    Data,
    Engine,
    Error,
    Frame,
    Generate,
    Generated,
    Hyperparameters,
    Initialise,
    Initialised,
    Network,
    Points,
    Stop,
    Train,
)
from tests.support.client import TIMEOUT_S, Client, connected
from tests.support.requests import (
    NETWORK,
    a_checkpoint,
    a_train,
    floats,
    some_points,
    trained,
    with_parameters,
)
from tests.support.server import ServerProcess

ENDLESS = Budget(seconds=10)


@pytest.fixture
def training(client: Client) -> Iterator[Train]:
    """A training that must still run after the test."""
    train = a_train(1_000_000, budget=ENDLESS, pace=60.0)
    client.send(train)
    client.expect(Frame)
    yield train
    client.send(Stop(train.id))
    last = client.expect(Frame, lambda frame: frame.ended is not None)
    assert (last.id, last.ended) == (train.id, "stopped")
    assert last.checkpoint == trained(train, last.checkpoint.epoch)


def test_the_engines_state_is_sent_on_connecting(shared_server: ServerProcess) -> None:
    with connected(shared_server):
        pass
    with connect(shared_server.websocket_url) as socket:
        message = socket.recv(TIMEOUT_S)
    assert isinstance(message, bytes)
    assert msgspec.msgpack.decode(message, type=Engine) == Engine(__version__, 1.0)


def test_a_training_ends_with_the_engines_bits(client: Client) -> None:
    train = a_train(
        hyperparameters=Hyperparameters(batch_size=16, dropout=0.25, l2=0.001),
        budget=Budget(epochs=120),
        pace=400.0,
    )
    *frames, last = client.train(train)
    assert len(frames) > 2
    assert (last.ended, last.checkpoint) == ("budget", trained(train, 120))
    for frame in frames:
        assert frame.checkpoint == trained(train, frame.checkpoint.epoch)


def test_only_two_frames_are_sent_without_acknowledgement(client: Client) -> None:
    client.send(a_train(budget=Budget(seconds=0.5), frames_per_second=60))
    frames = [client.expect(Frame) for _ in range(3)]
    assert [frame.ended for frame in frames] == [None, None, "budget"]
    assert frames[2].checkpoint.epoch > frames[1].checkpoint.epoch + 10


def test_an_acknowledgement_releases_the_newest_frame(client: Client) -> None:
    client.send(a_train(1, budget=Budget(seconds=1), frames_per_second=60))
    first, second = client.expect(Frame), client.expect(Frame)
    # The reply to this shows that newer frames have been waiting for a while.
    answers = 30
    for id_ in range(2, 2 + answers):
        client.send(Generate(id_, "moons"))
        client.expect(Generated)
    client.send(Ack(1, first.checkpoint.step))
    third = client.expect(Frame)
    assert third.ended is None
    assert third.checkpoint.step > second.checkpoint.step
    client.expect(Frame, lambda frame: frame.ended == "budget")


def test_a_new_training_supersedes_the_running_one(client: Client) -> None:
    client.send(a_train(1, budget=ENDLESS, pace=60.0))
    running = client.expect(Frame)
    train = a_train(2, checkpoint=running.checkpoint, budget=Budget(epochs=10))
    client.send(train)
    ends: dict[int, Frame] = {}
    while len(ends) < 2:
        frame = client.expect(Frame, lambda frame: frame.ended is not None)
        ends[frame.id] = frame
    assert (ends[1].ended, ends[2].ended) == ("superseded", "budget")
    assert ends[2].checkpoint == trained(train, 10)


def test_the_reply_to_stop_is_the_last_frame(client: Client) -> None:
    train = a_train(1, budget=ENDLESS)
    client.send(train)
    client.expect(Frame)
    client.send(Stop(1))
    last = client.expect(Frame, lambda frame: frame.ended is not None)
    assert last.ended == "stopped"
    assert last.checkpoint == trained(train, last.checkpoint.epoch)


def test_checkpoints_and_points_are_made_on_request(client: Client) -> None:
    client.send(Initialise(2, NETWORK, seed=5))
    assert client.next() == Initialised(2, a_checkpoint(seed=5))
    client.send(Generate(3, "blobs", samples=60, classes=3, noise=0.1, seed=4))
    assert client.next() == Generated(3, some_points(60, 3, seed=4))


def test_json_is_answered_in_json(client: Client) -> None:
    client.send_raw('{"type": "generate", "id": 7, "distribution": "moons", "samples": 4}')
    answer = client.socket.recv(TIMEOUT_S)
    assert isinstance(answer, str)
    assert msgspec.json.decode(answer, type=Generated).id == 7
    client.send_raw(msgspec.json.encode(a_train(8)).decode())
    frame = json.loads(client.socket.recv(TIMEOUT_S))
    assert (frame["type"], frame["id"]) == ("frame", 8)
    client.send_raw("?")
    while (reply := json.loads(client.socket.recv(TIMEOUT_S)))["type"] == "frame":
        pass
    assert reply["message"].startswith("The request was not understood: JSON is malformed")


HOSTILE: list[tuple[Any, str | None]] = [
    ({"network": Network((101,), (0, 1))}, "network.hidden_layers[0]"),
    ({"network": Network((1,) * 11, (0, 1))}, "network.hidden_layers"),
    ({"network": Network((), (0, 255))}, "network.classes[1]"),
    ({"network": Network((), (2, 1))}, "network.classes"),
    ({"hyperparameters": Hyperparameters(learning_rate=-1)}, "hyperparameters.learning_rate"),
    ({"hyperparameters": Hyperparameters(learning_rate=nan)}, "hyperparameters.learning_rate"),
    ({"hyperparameters": Hyperparameters(batch_size=0)}, "hyperparameters.batch_size"),
    ({"hyperparameters": Hyperparameters(dropout=1)}, "hyperparameters.dropout"),
    ({"budget": Budget(seconds=3600)}, "budget.seconds"),
    ({"pace": 0.0}, "pace"),
    ({"frames_per_second": 1e9}, "frames_per_second"),
    ({"data": Data(Points())}, "data.training"),
    ({"data": Data(Points(floats(0), floats(0), b"\x09"))}, "data.training.label"),
    ({"data": Data(Points(floats(0), floats(0, 0), b"\x00"))}, "data.training.y"),
    ({"data": Data(Points(floats(0), floats(1.5), b"\x00"))}, "data.training.y"),
    ({"data": Data(some_points(), Points(floats(nan), floats(0), b"\x00"))}, "data.test.x"),
    ({"data": Data(Points(bytes(4004), bytes(4004), bytes(1001)))}, "data"),
    ({"checkpoint": with_parameters(a_checkpoint(), nan)}, "checkpoint.parameters"),
    (
        {"checkpoint": msgspec.structs.replace(a_checkpoint(), parameters=b"")},
        "checkpoint.parameters",
    ),
    ({"checkpoint": msgspec.structs.replace(a_checkpoint(), step=-1)}, "checkpoint.step"),
    (
        {"checkpoint": a_checkpoint(Network((3,), (0, 1))), "network": NETWORK, "pace": -1.0},
        "pace",
    ),
]


@pytest.mark.parametrize(("changes", "field"), HOSTILE, ids=[str(field) for _, field in HOSTILE])
def test_a_train_request_with_an_invalid_field_is_refused_and_the_training_continues(
    client: Client, training: Train, changes: dict[str, Any], field: str
) -> None:
    client.send(a_train(5, **changes))
    while not isinstance(reply := client.next(), Error):
        pass
    assert reply.id == 5
    assert field in reply.message
    assert training.id != 5


@pytest.mark.parametrize(
    "message", [b"", b"junk", b"\xc1" * 100, b"\x91" * 100_000, "{", "[" * 100_000, "null", "\0"]
)
def test_an_invalid_message_is_refused_and_the_training_continues(
    client: Client, training: Train, message: bytes | str
) -> None:
    client.send_raw(message)
    kind = msgspec.json if isinstance(message, str) else msgspec.msgpack
    while "error" not in str(reply := kind.decode(client.socket.recv(TIMEOUT_S))["type"]):
        pass
    assert reply == "error"
    client.send(Ack(training.id, 0))


def test_too_large_a_request_is_refused_with_its_limit(client: Client, training: Train) -> None:
    client.send_raw(msgspec.msgpack.encode({"id": 9, "padding": bytes(MAX_MESSAGE_BYTES)}))
    while not isinstance(reply := client.next(), Error):
        pass
    assert reply.id == 9
    assert f"{MAX_MESSAGE_BYTES} bytes at most" in reply.message
    assert training.id != 9


def test_a_message_above_the_websocket_limit_closes_the_connection(client: Client) -> None:
    """The frame header is enough: the payload is not read."""
    size = 2 * 1024 * 1024 + 1
    client.socket.socket.sendall(b"\x82\xff" + size.to_bytes(8, "big") + bytes(4))
    with pytest.raises(ConnectionClosed) as closed:
        client.next()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_replies_keep_their_order_for_a_slow_reader(client: Client) -> None:
    largest = Network((100,) * 10, (0, 1, 2))
    for id_ in range(300):
        client.send_raw(msgspec.msgpack.encode({"type": "train", "id": id_}))
        if id_ % 30 == 0:
            client.send(Initialise(id_, largest, seed=1))
    answers = [client.next() for _ in range(310)]
    refusals = [answer.id for answer in answers if isinstance(answer, Error)]
    made = [answer.id for answer in answers if isinstance(answer, Initialised)]
    assert refusals == list(range(300))
    assert sorted(made) == list(range(0, 300, 30))
    assert client.train(a_train(budget=Budget(epochs=1)))


def test_two_concurrent_connections_get_their_own_results(
    client: Client, shared_server: ServerProcess
) -> None:
    trains = [
        a_train(
            1,
            network=Network(hidden, (0, 1, 2)),
            checkpoint=a_checkpoint(Network(hidden, (0, 1, 2)), seed=seed),
            data=Data(some_points(seed=seed)),
            hyperparameters=Hyperparameters(batch_size=16),
            budget=Budget(epochs=150),
            pace=500.0,
        )
        for seed, hidden in enumerate([(10, 5), (7,)])
    ]
    with connected(shared_server) as other, ThreadPoolExecutor(2) as pool:
        results = list(pool.map(Client.train, (client, other), trains))
    for train, frames in zip(trains, results, strict=True):
        for frame in frames:
            assert frame.checkpoint == trained(train, frame.checkpoint.epoch)
        assert frames[-1].checkpoint.epoch == 150


def test_a_kill_loses_only_the_frame_in_flight(server: ServerProcess) -> None:
    train = a_train(
        hyperparameters=Hyperparameters(batch_size=8, dropout=0.1),
        budget=Budget(epochs=400),
        pace=400.0,
    )
    with connected(server) as client:
        client.send(train)
        newest = next(frame for frame in client.frames(train.id) if frame.checkpoint.epoch > 20)
        server.kill()
    server.start()
    left = 400 - newest.checkpoint.epoch
    with connected(server) as client:
        resumed = msgspec.structs.replace(
            train, checkpoint=newest.checkpoint, budget=Budget(epochs=left), pace=None
        )
        *_, last = client.train(resumed)
    assert last.checkpoint == trained(train, 400)


def test_sigterm_sends_the_last_state_and_code_1012(
    server: ServerProcess,
) -> None:
    train = a_train(budget=ENDLESS, pace=20.0, frames_per_second=60)
    with connected(server) as client:
        client.send(train)
        # Without acknowledgements: the last state is sent although it has no credit.
        seen = [client.expect(Frame), client.expect(Frame)]
        # A second training of the same pace measures the time while this one continues.
        with connected(server) as other:
            other.train(a_train(budget=Budget(epochs=20), pace=20.0))
        assert server.terminate() == 0
        seen.append(client.expect(Frame))
        with pytest.raises(ConnectionClosed) as closed:
            client.next()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    last = seen[-1]
    assert last.ended is None
    assert last.checkpoint == trained(train, last.checkpoint.epoch)
    assert last.checkpoint.epoch >= seen[1].checkpoint.epoch
    assert server.errors() == ""


def test_a_client_that_disconnects_does_not_affect_others(shared_server: ServerProcess) -> None:
    with connected(shared_server) as here:
        here.send(a_train(1, budget=Budget(epochs=200), pace=400.0))
        for _ in range(5):
            with connected(shared_server) as gone:
                gone.send(a_train(1, budget=ENDLESS))
                gone.expect(Frame)
                gone.socket.socket.close()
        *_, last = here.frames(1)
    assert last.checkpoint == trained(a_train(), 200)
