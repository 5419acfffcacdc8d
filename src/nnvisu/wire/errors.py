"""Error messages for refused requests: what was wrong and what is allowed."""

import msgspec

from nnvisu.wire.messages import Error, Id, ProtocolError

_HINT = "schema.json, beside the page, lists the fields and what each may hold."
_SHOWN = 80
"""Characters of msgspec's message kept at each end: it repeats values, which may be large, and
ends with the path."""


class _Head(msgspec.Struct):
    id: Id | None = None


def refuse(field: str, expected: str, got: str) -> ProtocolError:
    """Make the error that says of a field what was expected and what came."""
    return ProtocolError(Error(message=f"{field}: expected {expected}, got {got}"))


def explain(message: bytes | str, failure: Exception) -> ProtocolError:
    """Turn msgspec's failure to decode a message into the error for its sender."""
    reason = str(failure)
    if len(reason) > 2 * _SHOWN:
        reason = f"{reason[:_SHOWN]}...{reason[-_SHOWN:]}"
    sentence = f"The request was not understood: {reason}. {_HINT}"
    return ProtocolError(Error(message=sentence, id=sender_id(message)))


def sender_id(message: bytes | str) -> int | None:
    """Read the id of a message that may be wrong in everything else; None where that fails."""
    try:
        if isinstance(message, str):
            return msgspec.json.decode(message, type=_Head).id
        return msgspec.msgpack.decode(message, type=_Head).id
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
