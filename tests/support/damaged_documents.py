"""Generates documents with one to three damaged places."""

import base64
import json
import random
import struct
from collections.abc import Iterator
from typing import Any

from nnvisu.wire.document_codec import encode_document
from tests.support.documents import Writer

ARRAYS = {"x", "y", "value", "parameters", "slots", "label", "confusion"}
RELATED = {"task", "runs", "line", "id", "parent", "epoch", "hidden_layers", "classes", "features"}
RELATED |= ARRAYS | {"newest"}
"""Fields that must fit to others."""
STRANGE: list[Any] = [
    None,
    True,
    -1,
    0,
    1,
    2,
    10,
    1001,
    2**31,
    2**53 - 1,
    2**53,
    2**64,
    -0.0,
    0.5,
    1.0,
    1e308,
    float("nan"),
    "",
    "1",
    "x" * 41,
    "😀" * 40,
    "😀" * 41,
    "\ud800",
    "AAAA",
    "AAA",
    "plane",
    "moons",
    "regression",
    "classification",
    "adam",
    "sgd",
    [],
    [0],
    [1, 0],
    ["y", "x"],
    ["x", "x"],
    {},
    {"x": ""},
]
NUMBERS = [float("nan"), float("inf"), -float("inf"), 1.0000001, -2.0, 0.5, -0.0]


class Damager:
    """Damages documents, reproducibly for a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def text(self) -> str:
        """Make a document and damage it in one to three places."""
        chance = self._random
        plain = json.loads(encode_document(Writer(chance.getrandbits(32)).document()))
        for _ in range(chance.choice([1, 1, 1, 2, 3])):
            self._damage(plain)
        text = json.dumps(plain, ensure_ascii=chance.random() < 0.5)
        if chance.random() < 0.1:
            place = chance.randrange(len(text))
            text = (
                text[:place] + chance.choice(["", "}", ",", "0", '"', " ", "é"]) + text[place + 1 :]
            )
        return text.encode(errors="replace").decode()

    def _damage(self, plain: dict[str, Any]) -> None:
        """Change one place of a document, in place; all names are equally likely."""
        chance = self._random
        places: dict[str, list[tuple[Any, Any]]] = {}
        for holder, key in _places(plain):
            places.setdefault(key if isinstance(key, str) else "[]", []).append((holder, key))
        related = [name for name in places if name in RELATED]
        subtle = bool(related) and chance.random() < 0.5
        holder, key = chance.choice(places[chance.choice(related if subtle else list(places))])
        value = holder[key]
        if subtle:
            holder[key] = self._changed(key, value)
        elif isinstance(holder, dict) and chance.random() < 0.1:
            if chance.random() < 0.5:
                del holder[key]
            else:
                holder[chance.choice(["colour", "__proto__", "toString", "x"])] = value
        elif chance.random() < 0.2:
            holder[key] = chance.choice(STRANGE)
        else:
            holder[key] = self._changed(key, value)

    def _changed(self, key: Any, value: Any) -> Any:
        """Return a value similar to the given one."""
        chance = self._random
        match value:
            case bool():
                return not value
            case int():
                return chance.choice([value + 1, value - 1, -value, float(value), value + 0.5])
            case float():
                return chance.choice([-value, value * 2, value / 2, value + 1, int(value)])
            case str() if key in ARRAYS:
                return self._array(value)
            case str():
                return chance.choice([value + "x", value[:-1], "relu", "y", "xor", "momentum"])
            case list() if value:
                return self._list(value)
            case dict() if value and key != "newest":
                return {name: value[name] for name in list(value)[:-1]}
            case _:
                return chance.choice(STRANGE)

    def _array(self, text: str) -> str:
        chance = self._random
        try:
            content = bytearray(base64.b64decode(text, validate=True))
        except ValueError:
            return text.strip()
        match chance.randrange(8):
            case 0:
                return text + chance.choice(["=", " ", "\n", "AAAA", "A", "===="])
            case 1:
                return text.rstrip("=") if text.endswith("=") else text[:-1]
            case 2 if len(text) > 4:
                return text[:-3] + chance.choice("AB+/-_ =é") + text[-2:]
            case 3:
                return base64.b64encode(content[: -chance.choice([1, 2, 4])]).decode()
            case 4:
                return base64.b64encode(content + bytes(chance.choice([1, 2, 4, 4000]))).decode()
            case 5 if len(content) >= 4:
                place = 4 * chance.randrange(len(content) // 4)
                content[place : place + 4] = struct.pack("<f", chance.choice(NUMBERS))
            case _ if content:
                content[chance.randrange(len(content))] = chance.choice([0, 9, 10, 255])
        return base64.b64encode(content).decode()

    def _list(self, items: list[Any]) -> list[Any]:
        chance = self._random
        place = chance.randrange(len(items))
        match chance.randrange(5):
            case 0:
                return [*items[:place], *items[place + 1 :]]
            case 1:
                return [
                    *items[:place],
                    *[items[place]] * chance.choice([2, 2, 6]),
                    *items[place + 1 :],
                ]
            case 2:
                return items[::-1]
            case 3:
                return [*items, chance.choice(STRANGE)]
            case _:
                return chance.sample(items, len(items))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield (container, index or name) for every list and object inside a value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)
