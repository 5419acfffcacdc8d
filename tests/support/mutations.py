"""Hostile messages: valid messages of every type, damaged at random."""

import json
import random
from typing import Any

import msgspec

from tests.fixtures.messages import MESSAGES
from tests.support.raw import BINARY, TEXT

UNUSUAL: list[Any] = [
    None,
    True,
    -1,
    0,
    255,
    1001,
    2**31,
    2**53,
    2**64 - 1,
    -(2**63),
    0.5,
    -0.0,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "255",
    "x" * 1000,
    "\x00\u202e\U0001f600",
    "__proto__",
    b"",
    b"\xff" * 4096,
    [],
    [255] * 20,
    [[[[[[[[]]]]]]]],
    {},
    {"type": "train"},
]
NESTING_DEPTH = 2000


class Mutator:
    """Damages messages, reproducibly for a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._originals = [
            msgspec.to_builtins(message, builtin_types=[bytes]) for message in MESSAGES.values()
        ]
        for original in self._originals:
            # Messages that are still valid after the damage must be cheap to serve.
            if original["type"] == "train":
                original["budget"] = {"epochs": 3, "seconds": 0.1}

    def message(self) -> tuple[int, bytes]:
        """Return the opcode and the payload of a damaged message."""
        chance = self._random
        value = self._damaged(chance.choice(self._originals))
        if chance.random() < 0.3:
            text = json.dumps(_textual(value))
            payload, opcode = self._corrupted(text.encode(), text=True), TEXT
        else:
            payload, opcode = self._corrupted(msgspec.msgpack.encode(value)), BINARY
        # Sometimes JSON is sent in a binary message.
        if chance.random() < 0.05:
            opcode = BINARY
        return opcode, payload

    def _damaged(self, value: Any) -> Any:
        """Copy a value with one place replaced, added or removed."""
        chance = self._random
        if isinstance(value, dict) and value and chance.random() < 0.8:
            key = chance.choice(list(value))
            copy = {**value, key: self._damaged(value[key])}
            if chance.random() < 0.1:
                del copy[key]
            if chance.random() < 0.1:
                copy[chance.choice(["colour", "id", "type", "", "x" * 500])] = self._unusual()
            return copy
        if isinstance(value, list) and value and chance.random() < 0.6:
            place = chance.randrange(len(value))
            copies = chance.choice([0, 1, 1, 2, 300])
            return [*value[:place], *[self._damaged(value[place])] * copies, *value[place + 1 :]]
        if isinstance(value, bytes) and chance.random() < 0.8:
            return self._corrupted(value + bytes(chance.choice([0, 0, 1, 4])))
        if isinstance(value, str) and chance.random() < 0.3:
            return chance.choice(["train", "stop", "frame", "engine", "tanh", "adam", "none"])
        return self._unusual() if chance.random() < 0.8 else value

    def _unusual(self) -> Any:
        if self._random.random() > 0.01:
            return self._random.choice(UNUSUAL)
        nest: Any = {} if self._random.random() < 0.5 else []
        for _ in range(self._random.choice([30, 400])):
            nest = {"type": nest} if self._random.random() < 0.5 else [nest]
        return nest

    def _corrupted(self, payload: bytes, *, text: bool = False) -> bytes:
        """Flip bits, overwrite, truncate or repeat, with probability 0.5; text stays UTF-8."""
        chance = self._random
        if not payload or chance.random() < 0.5:
            return payload
        corrupted = bytearray(payload)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(corrupted))
            if text:
                corrupted[place] = chance.randrange(128)
            elif chance.random() < 0.5:
                corrupted[place] ^= 1 << chance.randrange(8)
            else:
                corrupted[place] = chance.randrange(256)
        cut = chance.random()
        if cut < 0.1:
            del corrupted[chance.randrange(len(corrupted)) :]
        elif cut < 0.15:
            corrupted += corrupted[chance.randrange(len(corrupted)) :]
        elif cut < 0.16:
            corrupted[:0] = (b"[" if text else b"\x91") * NESTING_DEPTH
        return bytes(corrupted)


def _textual(value: Any) -> Any:
    """Convert a message to JSON values; byte strings become base64."""
    if isinstance(value, bytes):
        return json.loads(msgspec.json.encode(value))
    if isinstance(value, dict):
        return {key: _textual(item) for key, item in value.items()}
    return [_textual(item) for item in value] if isinstance(value, list | tuple) else value
