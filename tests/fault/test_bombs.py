"""Resource bombs, small to send but large to process, cost at most 4 MiB of memory."""

import contextlib
import socket
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from nnvisu.serving.server import MAX_WEBSOCKET_BYTES
from nnvisu.wire.messages import Budget
from tests.support.client import Client, connected
from tests.support.raw import (
    BINARY,
    CLOSE,
    COMPRESSED,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    TIMEOUT_S,
    close_code,
    frame,
    frames,
    header,
    upgraded,
)
from tests.support.requests import a_train, trained
from tests.support.server import ServerProcess

MIB = 1024 * 1024
MOST_BYTES = 4 * MIB
NORMAL, PROTOCOL_ERROR, INVALID_DATA, TOO_BIG = 1000, 1002, 1007, 1009


@pytest.fixture
def background_client(shared_server: ServerProcess) -> Iterator[Client]:
    """A client whose training after the test must be unaffected."""
    with connected(shared_server) as client:
        yield client
        train = a_train(budget=Budget(epochs=40))
        assert client.train(train)[-1].checkpoint == trained(train, 40)
        assert shared_server.errors() == ""


@pytest.fixture
def bounded_memory(shared_server: ServerProcess, background_client: Client) -> Iterator[None]:
    """Require that the peak of resident memory grows by at most 4 MiB during the test."""
    background_client.train(a_train())
    before = shared_server.resident_bytes()
    shared_server.reset_peak()
    yield
    assert shared_server.peak_bytes() - before < MOST_BYTES


def send_while_accepted(raw: socket.socket, data: bytes, times: int) -> None:
    """Send data up to `times` times, or until the server has read nothing for half a second."""
    raw.settimeout(0.5)
    with contextlib.suppress(TimeoutError, ConnectionError):
        for _ in range(times):
            raw.sendall(data)
    raw.settimeout(TIMEOUT_S)


@pytest.mark.usefixtures("bounded_memory")
def test_compression_is_not_negotiated_and_a_compressed_bomb_closes_the_connection(
    shared_server: ServerProcess,
) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(bytes(256 * MIB)) + packer.flush(zlib.Z_SYNC_FLUSH)
    offer = ["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"]
    with upgraded(shared_server.port, headers=offer) as raw:
        raw.sendall(frame(BINARY, bomb, bits=COMPRESSED))
        assert close_code(raw) == PROTOCOL_ERROR


FLOODS = {
    "endless message of empty fragments": (
        frame(BINARY, fin=False),
        frame(CONTINUATION, fin=False),
    ),
    "endless message of tiny fragments": (
        frame(BINARY, fin=False),
        frame(CONTINUATION, b"x", fin=False),
    ),
    "endless message with pings between": (
        frame(TEXT, b"{", fin=False),
        frame(CONTINUATION, b" ", fin=False) + frame(PING, b"p"),
    ),
    "small pings": (b"", frame(PING)),
    "large pings": (b"", frame(PING, bytes(125))),
    "unsolicited pongs": (b"", frame(PONG, b"x")),
    "empty messages": (b"", frame(BINARY)),
    "empty texts": (b"", frame(TEXT)),
    "wrong messages": (b"", frame(TEXT, b'{"type": "stop"}')),
    "stops and acknowledgements": (
        b"",
        frame(TEXT, b'{"type":"stop","id":1}') + frame(TEXT, b'{"type":"ack","id":1,"step":1}'),
    ),
}


@pytest.mark.usefixtures("bounded_memory")
@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_from_a_client_that_does_not_read_costs_little_memory(
    shared_server: ServerProcess, rounds: Callable[[int, int], int], flood: str
) -> None:
    beginning, piece = FLOODS[flood]
    with upgraded(shared_server.port, receive_buffer=4096) as raw:
        raw.sendall(beginning)
        send_while_accepted(raw, piece * (MIB // len(piece)), rounds(16, 400))
        assert shared_server.get("healthz") == "alive\n"


@pytest.mark.usefixtures("bounded_memory")
@pytest.mark.parametrize("size", [MAX_WEBSOCKET_BYTES + 1, 2**31, 2**63 - 1])
def test_a_frame_header_announcing_too_large_a_message_closes_the_connection(
    shared_server: ServerProcess, size: int
) -> None:
    with upgraded(shared_server.port) as raw:
        raw.sendall(header(0x82, size))
        assert close_code(raw) == TOO_BIG


@pytest.mark.usefixtures("bounded_memory")
def test_fragments_whose_sum_is_too_large_close_the_connection(
    shared_server: ServerProcess,
) -> None:
    with upgraded(shared_server.port) as raw:
        raw.sendall(frame(BINARY, fin=False))
        send_while_accepted(raw, frame(CONTINUATION, bytes(65_536), fin=False), 33)
        assert close_code(raw) == TOO_BIG


def test_a_message_in_many_fragments_interleaved_with_pings_is_decoded(
    shared_server: ServerProcess,
) -> None:
    text = b'{"type": "generate", "id": 7, "distribution": "moons"}'
    with upgraded(shared_server.port) as raw:
        raw.sendall(frame(TEXT, fin=False))
        for number in range(len(text)):
            last = number == len(text) - 1
            raw.sendall(frame(PING, b"p%d" % number))
            raw.sendall(frame(CONTINUATION, text[number : number + 1], fin=last))
        seen = frames(raw)
        pongs = [next(payload for opcode, payload in seen if opcode == PONG) for _ in text]
        assert pongs == [b"p%d" % number for number in range(len(text))]
        answer = next(payload for opcode, payload in seen if opcode == TEXT)
        assert b'"generated"' in answer
        assert b'"id":7' in answer


@pytest.mark.usefixtures("background_client")
@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(TEXT, b"\xff\xfe"), INVALID_DATA),
        (frame(TEXT, b"\xed\xa0\x80") + frame(CLOSE, b"\x03\xe8"), INVALID_DATA),
        (frame(TEXT, b"\xff") + frame(TEXT, b"\xff") + frame(PING), INVALID_DATA),
        (frame(TEXT, b"\xe2\x82", fin=False) + frame(CONTINUATION, b"\xe2"), INVALID_DATA),
        (frame(BINARY, bits=0x40), PROTOCOL_ERROR),
        (frame(BINARY, bits=0x10), PROTOCOL_ERROR),
        (frame(3), PROTOCOL_ERROR),
        (frame(15), PROTOCOL_ERROR),
        (frame(CONTINUATION, b"x"), PROTOCOL_ERROR),
        (frame(TEXT, fin=False) + frame(TEXT), PROTOCOL_ERROR),
        (frame(PING, bytes(126)), PROTOCOL_ERROR),
        (frame(PING, fin=False), PROTOCOL_ERROR),
        (frame(CLOSE, b"\x03"), PROTOCOL_ERROR),
        (frame(CLOSE, b"\x00\x00"), PROTOCOL_ERROR),
        (frame(CLOSE, b"\x03\xe8\xff"), INVALID_DATA),
        (frame(TEXT, fin=False) + frame(CLOSE, b"\x03\xe8"), PROTOCOL_ERROR),
        (b"\x82\x05hello", PROTOCOL_ERROR),
    ],
)
def test_websocket_protocol_violations_close_the_connection_with_their_code(
    shared_server: ServerProcess, sent: bytes, code: int
) -> None:
    with upgraded(shared_server.port) as raw:
        raw.sendall(sent)
        assert close_code(raw) in {code, NORMAL}


@pytest.mark.usefixtures("background_client")
def test_incomplete_messages_on_many_connections_do_not_block_the_server(
    shared_server: ServerProcess,
) -> None:
    with ExitStack() as stack:
        for _ in range(200):
            raw = stack.enter_context(upgraded(shared_server.port))
            raw.sendall(header(0x82, 100_000) + b"\x81")
        assert shared_server.get("healthz") == "alive\n"
