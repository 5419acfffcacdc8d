"""Sentences for people about messages that the decoder refused: what was expected, what came.

The decoder says where a message went wrong; what would have been allowed there is read from the
JSON Schema, so that a bound is spelt out nowhere twice.
"""

import re
from collections.abc import Callable
from typing import Any, get_args

import msgspec

from nnvisu.wire import messages
from nnvisu.wire.messages import Error, ProtocolError

_PATH = re.compile(r" - at (?:`key` in )?`\$\.?(?P<path>.*)`$", re.DOTALL)
_KEY = re.compile(
    r"^Object (?P<what>missing required|contains unknown) field `(?P<name>.*?)`", re.S
)
_PART = re.compile(r"[^.\[\]]+")
_SHOWN = 40
"""Characters of a refused value that a sentence repeats."""
_PEEKED_BYTES = 65_536
"""Larger messages are not looked into for the value to show: refusing must stay cheap."""
_HEAD_BYTES = 256
"""Beyond this, neither an id nor a type is one."""
_MYSTERY = object()

Node = dict[str, Any]
"""A part of a JSON Schema."""

_DEFINITIONS: Node = messages.schema()["$defs"]
_REQUESTS: Node = {
    message.__struct_config__.tag: _DEFINITIONS[message.__name__]
    for message in get_args(messages.Request)
}


def refuse(
    field: str | None,
    expected: str,
    got: str,
    limit: float | None = None,
    id: int | None = None,  # noqa: A002 - the wire's name
) -> ProtocolError:
    """Make the error that says of a field what was expected and what came."""
    sentence = f"{field or 'message'}: expected {expected}, got {got}"
    return ProtocolError(Error(message=sentence, field=field, limit=limit, id=id))


def explain(message: bytes | str, failure: Exception) -> ProtocolError:
    """Turn the decoder's failure on a message into the error for its sender."""
    id_, tag = _head(message)
    found = _PATH.search(str(failure))
    path = found["path"] if found else ""
    # Without its type, as in a message that breaks off, nothing can be said of its fields.
    if not isinstance(failure, msgspec.ValidationError) or (path not in ("", "type") and not tag):
        form = "JSON text" if isinstance(message, str) else "a MessagePack map"
        return refuse(None, form, f"something else ({failure})", id=id_)
    node = _root(tag)
    value = _peek(message)
    for part in _PART.findall(path):
        node = _inside(node, part)
        value = _item(value, part)
    if key := _KEY.match(str(failure)):
        field = ".".join(filter(None, (path, key["name"][:_SHOWN])))
        verdict = "is missing" if key["what"].startswith("missing") else "is not a known field"
        known = ", ".join(node["properties"])
        sentence = f"{field} {verdict}; the fields here are {known}"
        return ProtocolError(Error(message=sentence, field=field, id=id_))
    return refuse(path or None, _expected(node), _got(value), _crossed(node, value), id_)


class _Head(msgspec.Struct):
    id: msgspec.Raw = msgspec.Raw()
    type: msgspec.Raw = msgspec.Raw()


_Decode = Callable[..., Any]


def _head(message: bytes | str) -> tuple[int | None, str | None]:
    """Read id and type of a message that may be wrong in everything else; None where that fails.

    It is gone through once, for it may be large.
    """
    decode = _decoder(message)
    try:
        head = decode(message, type=_Head)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None, None
    return _field(decode, head.id, messages.Id), _field(decode, head.type, str)


def _field(decode: _Decode, raw: msgspec.Raw, kind: Any) -> Any:
    if memoryview(raw).nbytes > _HEAD_BYTES:
        return None
    try:
        return decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _decoder(message: bytes | str) -> _Decode:
    return msgspec.json.decode if isinstance(message, str) else msgspec.msgpack.decode


def sender_id(message: bytes | str) -> int | None:
    """Read the id of a message that may be wrong in everything else."""
    return _head(message)[0]


def _peek(message: bytes | str) -> Any:
    """Decode a message without any rule; a mystery where that fails or would take long."""
    if len(message) > _PEEKED_BYTES:
        return _MYSTERY
    try:
        return _decoder(message)(message)
    except (msgspec.DecodeError, UnicodeError, RecursionError, TypeError):
        return _MYSTERY


def _root(tag: str | None) -> Node:
    """Find the schema of the message of this type; of any message where there is no such type."""
    return _REQUESTS.get(tag or "") or {
        "type": "object",
        "properties": {"type": {"enum": list(_REQUESTS)}},
    }


def _inside(node: Node, part: str) -> Node:
    """Find the schema of a member of what this one describes."""
    properties: Node = node.get("properties", {})
    return _resolve(properties[part] if part in properties else node.get("items", {}))


def _resolve(node: Node) -> Node:
    """Follow a reference; of a choice between something and nothing, take the something."""
    node = node.get("anyOf", [node])[0]
    if reference := node.get("$ref"):
        return _resolve(_DEFINITIONS[reference.rpartition("/")[2]])
    return node


def _item(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
        return value[int(part)]
    return value if value is _MYSTERY else None


def _expected(node: Node) -> str:
    """Say what a schema allows."""
    if "enum" in node:
        return "one of " + ", ".join(map(str, node["enum"]))
    if "contentEncoding" in node:
        return f"binary data ({node['description']}; base64 in JSON)"
    match node.get("type"):
        case "integer":
            return f"a whole number {_range(node)}"
        case "number":
            return f"a number {_range(node)}"
        case "array" if "minItems" in node:
            return f"a list of {node['minItems']} to {node['maxItems']} items"
        case "array":
            return f"a list of at most {node['maxItems']} items"
        case "string":
            return "text"
        case _:
            return "a map of named fields"


def _range(node: Node) -> str:
    if "exclusiveMinimum" in node:
        return f"greater than {node['exclusiveMinimum']:g} and at most {node['maximum']:g}"
    if "maximum" not in node:
        return f"from {node['minimum']} on"
    return f"from {node['minimum']} to {node['maximum']}"


def _got(value: Any) -> str:
    """Show a refused value, shortened."""
    match value:
        case None:
            return "nothing"
        case dict():
            return "a map"
        case list():
            return f"a list of {len(value)}"
        case bytes():
            return f"{len(value)} bytes"
        case _ if value is _MYSTERY:
            return "something else"
        case _:
            shown = repr(value) if isinstance(value, str) else str(value)
            return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."


def _crossed(node: Node, value: Any) -> float | None:
    """Name the bound that a value lies beyond, if that is what is wrong with it."""
    if isinstance(value, list):
        value, low, high = len(value), node.get("minItems"), node.get("maxItems")
    else:
        low, high = node.get("minimum", node.get("exclusiveMinimum")), node.get("maximum")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if high is not None and value > high:
        return float(high)
    return float(low) if low is not None and value <= low else None
