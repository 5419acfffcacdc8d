"""Damages stored texts in Local Storage in every way, reproducibly for a seed."""

import random
import zlib
from collections.abc import Callable, Mapping

Store = dict[str, str]
Spoil = Callable[[str, random.Random], str | None]
"""Takes a sealed text; gives what is found in its place, or None for nothing."""

OTHER_JSON = ["null", "true", "5", '"text"', "[]", "{}", "[{}]", '{"x":1}', '{"interval":0}']


def seal(json: str) -> str:
    """Prefix a text with version and checksum, as the page does."""
    return f"1:{zlib.crc32(json.encode('utf-16-le')):08x}:{json}"


def _flipped(text: str, generator: random.Random) -> str:
    place = generator.randrange(len(text))
    bit = 1 << generator.randrange(7)
    return text[:place] + chr(ord(text[place]) ^ bit) + text[place + 1 :]


def _with_another_checksum(text: str, generator: random.Random) -> str:
    version, _, json = text.split(":", 2)
    return f"{version}:{generator.getrandbits(32):08x}:{json}"


SPOILS: Mapping[str, Spoil] = {
    "truncated": lambda text, generator: text[: generator.randrange(len(text))],
    "bit flipped": _flipped,
    "emptied": lambda _text, _generator: "",
    "other JSON": lambda _text, generator: seal(generator.choice(OTHER_JSON)),
    "not sealed": lambda text, _generator: text.split(":", 2)[2],
    "other version": lambda text, generator: f"{generator.randrange(2, 99)}{text[1:]}",
    "other checksum": _with_another_checksum,
    "no text at all": lambda _text, generator: generator.randbytes(40).decode("latin-1"),
    "missing": lambda _text, _generator: None,
}
