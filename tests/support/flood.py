"""Sends thousands of damaged messages over many connections, and counts the replies."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

import msgspec

from nnvisu.wire.codec import decode
from nnvisu.wire.messages import (
    Ack,
    Error,
    Frame,
    Generate,
    Generated,
    Initialise,
    Initialised,
    Inspect,
    Inspected,
    ProtocolError,
    Reply,
    Stop,
    Train,
)
from tests.support.mutations import Mutator
from tests.support.raw import BINARY, CLOSE, PING, PONG, TEXT, frame, request

BATCH = 50
"""Messages sent before the replies to them are read."""
MESSAGES_PER_CONNECTION = 1000
"""Messages until a connection sends one of `ENDS`, which closes it."""
TIMEOUT_S = 60
SENTINEL = 2**53 - 2
_PACKED: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)
_TEXT: msgspec.json.Decoder[Reply] = msgspec.json.Decoder(Reply)
ENDS = [
    (frame(TEXT, b"\xff"), 1007),
    (frame(TEXT, b'{"type": "\xed\xa0\x80"}'), 1007),
    (frame(BINARY, b"x", bits=0x40), 1002),
    (frame(7), 1002),
    (frame(BINARY, bytes(2**21 + 1)), 1009),
    (frame(CLOSE, b"\x03\xe8"), 1000),
]


@dataclass
class Tally:
    """Counts of messages sent and of replies.

    Attributes:
        sent: Messages, without the sentinels.
        refused: Messages that the decoder must refuse.
        owed: Valid requests; each has one last reply.
        trainings: The ids of the valid train requests.
        answers: Replies by type; of frames, only last ones.
        wrong_ends: Connections that were closed with another code than expected.
    """

    sent: int = 0
    refused: int = 0
    owed: int = 0
    trainings: set[int] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    wrong_ends: list[str] = field(default_factory=list)

    @property
    def unanswered(self) -> int:
        """The number of missing replies; negative if there are too many."""
        return self.refused + self.owed - self.answers.total()


def flood(port: int, messages: int, connections: int, seed: int = 0) -> Tally:
    """Send damaged messages to a server, and wait for the reply to each."""
    return asyncio.run(_flood(port, messages, connections, seed))


async def _flood(port: int, messages: int, connections: int, seed: int) -> Tally:
    tally = Tally()
    mutator = Mutator(seed)

    async def one(number: int) -> None:
        while tally.sent < messages:
            await asyncio.wait_for(
                _run_connection(port, mutator, tally, messages, number), TIMEOUT_S * 5
            )

    await asyncio.gather(*(one(number) for number in range(connections)))
    return tally


async def _run_connection(
    port: int, mutator: Mutator, tally: Tally, messages: int, number: int
) -> None:
    """Open a connection, send its messages, read the replies, and have the server close it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request("/ws", port, ["Upgrade: websocket"]))
    await reader.readuntil(b"\r\n\r\n")
    own = Tally()
    while own.sent < MESSAGES_PER_CONNECTION and tally.sent < messages:
        for _ in range(BATCH):
            opcode, payload = mutator.message()
            _count_expected(own, opcode, payload)
            writer.write(frame(opcode, payload))
        tally.sent += BATCH
        own.sent += BATCH
        writer.write(frame(BINARY, msgspec.msgpack.encode({"type": "sentinel", "id": SENTINEL})))
        while not await _receive_reply(reader, writer, own):
            pass
    # Every message has been decoded; trainings may still be running.
    for id_ in own.trainings:
        writer.write(frame(BINARY, msgspec.msgpack.encode(Stop(id_))))
    while own.unanswered > 0:
        await _receive_reply(reader, writer, own)
    end, code = ENDS[number % len(ENDS)]
    writer.write(end)
    if (got := await _close_code(reader)) != code:
        tally.wrong_ends.append(f"{end[:20]!r}: {got} instead of {code}")
    tally.refused += own.refused
    tally.owed += own.owed
    tally.answers += own.answers
    writer.close()


def _count_expected(tally: Tally, opcode: int, payload: bytes) -> None:
    """Count the replies that a message must have."""
    try:
        match decode(payload.decode() if opcode == TEXT else payload):
            case Train() | Initialise() | Generate() | Inspect() as legal:
                tally.owed += 1
                if isinstance(legal, Train):
                    tally.trainings.add(legal.id)
            case Ack() | Stop():
                pass
    except ProtocolError:
        tally.refused += 1


async def _receive_reply(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tally: Tally
) -> bool:
    """Receive one message; return whether it is the reply to the sentinel."""
    opcode, payload = await asyncio.wait_for(_frame(reader), TIMEOUT_S)
    if opcode == PING:
        writer.write(frame(PONG, payload))
        return False
    assert opcode in {TEXT, BINARY}, f"closed with {payload!r}"
    reply = _TEXT.decode(payload) if opcode == TEXT else _PACKED.decode(payload)
    match reply:
        case Error(id=id_) if id_ == SENTINEL and "'sentinel'" in reply.message:
            return True
        case Frame(ended=None):
            ack = Ack(reply.id, reply.checkpoint.step)
            writer.write(frame(BINARY, msgspec.msgpack.encode(ack)))
        case Error() | Frame() | Initialised() | Generated() | Inspected():
            tally.answers[type(reply).__name__] += 1
    return False


async def _close_code(reader: asyncio.StreamReader) -> int:
    while True:
        try:
            opcode, payload = await _frame(reader)
        except (asyncio.IncompleteReadError, ConnectionError):
            return 0
        if opcode == CLOSE:
            return int.from_bytes(payload[:2], "big")


async def _frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    start = await reader.readexactly(2)
    size = start[1]
    if size >= 126:
        size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
    return start[0] & 0x0F, await reader.readexactly(size)
