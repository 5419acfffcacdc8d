"""Encodes and decodes messages: MessagePack as bytes, JSON as text.

A decoded request is valid except for the numbers inside its arrays, which training/conversion.py
checks.
"""

import msgspec

from nnvisu.wire.errors import explain, sender_id
from nnvisu.wire.messages import MAX_MESSAGE_BYTES, Error, ProtocolError, Reply, Request
from nnvisu.wire.validation import check

_PACKED: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
_TEXT: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
_PACK = msgspec.msgpack.Encoder()
_WRITE = msgspec.json.Encoder()


def decode(message: bytes | str) -> Request:
    """Decode a request from MessagePack bytes or JSON text.

    Raises `ProtocolError`, which holds the `Error` reply, for an invalid message.
    """
    size = len(message)
    if size > MAX_MESSAGE_BYTES:
        sentence = f"A request may have {MAX_MESSAGE_BYTES} bytes at most; this one has {size}."
        raise ProtocolError(Error(message=sentence, id=sender_id(message)))
    try:
        request = _TEXT.decode(message) if isinstance(message, str) else _PACKED.decode(message)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as failure:
        raise explain(message, failure) from failure
    try:
        check(request)
    except ProtocolError as refusal:
        error = msgspec.structs.replace(refusal.error, id=request.id)
        raise ProtocolError(error) from refusal
    return request


def encode(reply: Reply, *, text: bool = False) -> bytes | str:
    """Encode a reply as MessagePack bytes, or as JSON text."""
    return _WRITE.encode(reply).decode() if text else _PACK.encode(reply)
