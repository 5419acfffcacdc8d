"""Damaged messages by the thousand, over many connections, with an account of the answers."""

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
"""Messages that are sent before the answers to them are looked at."""
LIFE = 1000
"""Messages until a connection ends, with something that nobody may survive."""
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
class Account:
    """What was sent, and what came back.

    Attributes:
        sent: Messages, the sentinels not counted.
        refused: Those that the door must refuse.
        owed: Legal requests, each of which has one last answer.
        trainings: Their ids, where they are to train.
        answers: Answers, by type; of frames, the last ones.
        wrong_ends: Connections that were not closed with the code that their end calls for.
    """

    sent: int = 0
    refused: int = 0
    owed: int = 0
    trainings: set[int] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    wrong_ends: list[str] = field(default_factory=list)

    @property
    def unanswered(self) -> int:
        """Count the answers that are still missing; less than 0 where there are too many."""
        return self.refused + self.owed - self.answers.total()


def flood(port: int, messages: int, connections: int, seed: int = 0) -> Account:
    """Send so many damaged messages to a server, and wait until each has its answer."""
    return asyncio.run(_flood(port, messages, connections, seed))


async def _flood(port: int, messages: int, connections: int, seed: int) -> Account:
    account = Account()
    mutator = Mutator(seed)

    async def one(number: int) -> None:
        while account.sent < messages:
            await asyncio.wait_for(_live(port, mutator, account, messages, number), TIMEOUT_S * 5)

    await asyncio.gather(*(one(number) for number in range(connections)))
    return account


async def _live(port: int, mutator: Mutator, account: Account, messages: int, number: int) -> None:
    """Open a connection, send what it has to send, and be thrown out."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request("/ws", port, ["Upgrade: websocket"]))
    await reader.readuntil(b"\r\n\r\n")
    own = Account()
    while own.sent < LIFE and account.sent < messages:
        for _ in range(BATCH):
            opcode, payload = mutator.message()
            _book(own, opcode, payload)
            writer.write(frame(opcode, payload))
        account.sent += BATCH
        own.sent += BATCH
        writer.write(frame(BINARY, msgspec.msgpack.encode({"type": "sentinel", "id": SENTINEL})))
        while not await _answered(reader, writer, own):
            pass
    # Everything is read; a training may still be under way.
    for id_ in own.trainings:
        writer.write(frame(BINARY, msgspec.msgpack.encode(Stop(id_))))
    while own.unanswered > 0:
        await _answered(reader, writer, own)
    end, code = ENDS[number % len(ENDS)]
    writer.write(end)
    if (got := await _close_code(reader)) != code:
        account.wrong_ends.append(f"{end[:20]!r}: {got} instead of {code}")
    account.refused += own.refused
    account.owed += own.owed
    account.answers += own.answers
    writer.close()


def _book(account: Account, opcode: int, payload: bytes) -> None:
    """Note what must come back."""
    try:
        match decode(payload.decode() if opcode == TEXT else payload):
            case Train() | Initialise() | Generate() | Inspect() as legal:
                account.owed += 1
                if isinstance(legal, Train):
                    account.trainings.add(legal.id)
            case Ack() | Stop():
                pass
    except ProtocolError:
        account.refused += 1


async def _answered(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, account: Account
) -> bool:
    """Take one answer; whether it was the sentinel's."""
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
            account.answers[type(reply).__name__] += 1
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
