"""Messages as an enemy would send them: legal ones of every kind, damaged at random."""

import json
import random
from typing import Any

import msgspec

from tests.fixtures.messages import MESSAGES
from tests.support.raw import BINARY, TEXT

STRANGE: list[Any] = [
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
DEEP = 2000


class Mutator:
    """Damages messages, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._originals = [
            msgspec.to_builtins(message, builtin_types=[bytes]) for message in MESSAGES.values()
        ]
        for original in self._originals:
            # What is still legal after the damage is to cost little.
            if original["type"] == "train":
                original["budget"] = {"epochs": 3, "seconds": 0.1}

    def message(self) -> tuple[int, bytes]:
        """Give the opcode and the payload of a damaged message."""
        chance = self._random
        value = self._damaged(chance.choice(self._originals))
        if chance.random() < 0.3:
            text = json.dumps(_textual(value))
            payload, opcode = self._scratched(text.encode(), text=True), TEXT
        else:
            payload, opcode = self._scratched(msgspec.msgpack.encode(value)), BINARY
        # Now and then in the other's clothes.
        if chance.random() < 0.05:
            opcode = BINARY
        return opcode, payload

    def _damaged(self, value: Any) -> Any:
        """Copy a value, with something else in one place, or a place too many or too few."""
        chance = self._random
        if isinstance(value, dict) and value and chance.random() < 0.8:
            key = chance.choice(list(value))
            copy = {**value, key: self._damaged(value[key])}
            if chance.random() < 0.1:
                del copy[key]
            if chance.random() < 0.1:
                copy[chance.choice(["colour", "id", "type", "", "x" * 500])] = self._strange()
            return copy
        if isinstance(value, list) and value and chance.random() < 0.6:
            place = chance.randrange(len(value))
            copies = chance.choice([0, 1, 1, 2, 300])
            return [*value[:place], *[self._damaged(value[place])] * copies, *value[place + 1 :]]
        if isinstance(value, bytes) and chance.random() < 0.8:
            return self._scratched(value + bytes(chance.choice([0, 0, 1, 4])))
        if isinstance(value, str) and chance.random() < 0.3:
            return chance.choice(["train", "stop", "frame", "engine", "tanh", "adam", "none"])
        return self._strange() if chance.random() < 0.8 else value

    def _strange(self) -> Any:
        if self._random.random() > 0.01:
            return self._random.choice(STRANGE)
        nest: Any = {} if self._random.random() < 0.5 else []
        for _ in range(self._random.choice([30, 400])):
            nest = {"type": nest} if self._random.random() < 0.5 else [nest]
        return nest

    def _scratched(self, payload: bytes, *, text: bool = False) -> bytes:
        """Flip bits, overwrite, cut off or repeat, one time in two; text stays UTF-8."""
        chance = self._random
        if not payload or chance.random() < 0.5:
            return payload
        scratched = bytearray(payload)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(scratched))
            if text:
                scratched[place] = chance.randrange(128)
            elif chance.random() < 0.5:
                scratched[place] ^= 1 << chance.randrange(8)
            else:
                scratched[place] = chance.randrange(256)
        cut = chance.random()
        if cut < 0.1:
            del scratched[chance.randrange(len(scratched)) :]
        elif cut < 0.15:
            scratched += scratched[chance.randrange(len(scratched)) :]
        elif cut < 0.16:
            scratched[:0] = (b"[" if text else b"\x91") * DEEP
        return bytes(scratched)


def _textual(value: Any) -> Any:
    """Turn a message into what JSON can say, its arrays into base64 or something like it."""
    if isinstance(value, bytes):
        return json.loads(msgspec.json.encode(value))
    if isinstance(value, dict):
        return {key: _textual(item) for key, item in value.items()}
    return [_textual(item) for item in value] if isinstance(value, list) else value
