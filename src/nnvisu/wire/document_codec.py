"""From JSON text to a Document and back."""

import re
from base64 import b64encode
from typing import Any

import msgspec

from nnvisu.wire.document import VERSION, Document, DocumentError
from nnvisu.wire.document_validation import check_document
from nnvisu.wire.messages import MAX_INTEGER, ProtocolError

_WHERE = re.compile(r"^(?P<problem>.*) - at (?:`key` in )?`\$\.?(?P<path>.*)`$", re.DOTALL)
_PART = re.compile(r"[^.\[\]]+")
_SHOWN = 300
"""Characters of the decoder's sentence that are repeated; it may quote the document."""


def decode_document(text: str | bytes) -> Document:
    """Read a Document from JSON text.

    Raises `DocumentError`, with one sentence, for anything that is not a legal Document.
    """
    try:
        plain = _numbers_as_in_json(msgspec.json.decode(text))
    except (msgspec.MsgspecError, ValueError, RecursionError) as failure:
        raise DocumentError(f"document: expected JSON text ({failure})") from failure
    _check_version(plain)
    try:
        document = msgspec.convert(plain, Document)
    except msgspec.ValidationError as failure:
        raise DocumentError(_sentence(str(failure))) from failure
    try:
        check_document(document)
    except ProtocolError as refusal:
        raise DocumentError(refusal.error.message) from refusal
    return document


def encode_document(document: Document) -> str:
    """Write a Document as JSON text, with every field, whether or not it has its default.

    Raises `DocumentError` for a Document that `decode_document` would refuse: nothing checks a
    Struct that a program makes.
    """
    text = msgspec.json.encode(_plain(document)).decode()
    decode_document(text)
    return text


def _check_version(plain: Any) -> None:
    """Name a newer version before the fields that came with it are found unknown."""
    version = plain.get("version") if isinstance(plain, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise DocumentError(f"version: expected at most {VERSION}, got {version}")


def _numbers_as_in_json(value: Any) -> Any:
    """Make integers of floats without a fraction: JSON has one kind of number, and no -0 or 3.0.

    In a field for floats they become floats again.
    """
    if isinstance(value, float) and value.is_integer() and abs(value) <= MAX_INTEGER:
        return int(value)
    if isinstance(value, list):
        return [_numbers_as_in_json(item) for item in value]
    if isinstance(value, dict):
        return {name: _numbers_as_in_json(item) for name, item in value.items()}
    return value


def _plain(value: Any) -> Any:
    """Turn a part of a Document into what JSON can say."""
    if isinstance(value, msgspec.Struct):
        return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value


def _sentence(failure: str) -> str:
    """Put the path that the decoder names at the beginning, and say which choices there are."""
    found = _WHERE.match(failure)
    problem, path = (found["problem"], found["path"]) if found else (failure, "")
    if problem.startswith("Invalid enum value"):
        problem = f"expected one of {_choices(path)} ({problem})"
    return f"{path or 'document'}: {problem[:1].lower()}{problem[1:]}"[:_SHOWN]


def _choices(path: str) -> str:
    """List what may stand at a path."""
    kind: Any = msgspec.inspect.type_info(Document)
    for part in _PART.findall(path):
        if isinstance(kind, msgspec.inspect.UnionType):
            kind = kind.types[0]
        if isinstance(kind, msgspec.inspect.StructType):
            kind = next(field.type for field in kind.fields if field.name == part)
        else:
            kind = kind.item_type
    return ", ".join(map(str, kind.values))
