"""From bytes to messages and back: the one door through which requests come in.

MessagePack is answered in MessagePack, JSON text in JSON text. What passes `decode` is right in
everything that can be told without looking at single numbers of an array; session.py does that.
"""

import msgspec

from nnvisu.wire.errors import explain, refuse, sender_id
from nnvisu.wire.messages import MAX_MESSAGE_BYTES, ProtocolError, Reply, Request
from nnvisu.wire.validation import check

_PACKED: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
_TEXT: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
_PACK = msgspec.msgpack.Encoder()
_WRITE = msgspec.json.Encoder()


def decode(message: bytes | str) -> Request:
    """Read a request from MessagePack bytes or JSON text.

    Raises `ProtocolError`, carrying the `Error` to answer with, for whatever is not a legal one.
    """
    size = len(message)
    if size > MAX_MESSAGE_BYTES:
        expected = f"at most {MAX_MESSAGE_BYTES} bytes"
        raise refuse(None, expected, f"{size} bytes", MAX_MESSAGE_BYTES, sender_id(message))
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
    """Write a reply as MessagePack bytes, or as JSON text."""
    return _WRITE.encode(reply).decode() if text else _PACK.encode(reply)
