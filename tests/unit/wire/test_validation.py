"""Validation across the fields of an `Inspect` request."""

import msgspec
import pytest

from nnvisu.wire.codec import decode
from nnvisu.wire.messages import Points, ProtocolError
from tests.fixtures.messages import MESSAGES, VALUED

NONE = Points()
MANY = Points(bytes(4004), bytes(4004), bytes(1001))
FOREIGN = Points(bytes(4), bytes(4), b"\x01")
SHORT = Points(bytes(4), bytes(8), b"\x00\x03")


@pytest.mark.parametrize(
    ("points", "field", "sentence"),
    [
        (NONE, "points", "at least 1 point, got none"),
        (MANY, "points", "at most 1000 points, got 1001"),
        (FOREIGN, "points.label", "labels of the network (0, 3), got 1"),
        (SHORT, "points.x", "8 bytes, four for each label, got 4 bytes"),
        (VALUED, "points.x", "0 bytes, four for each label, got 8 bytes"),
    ],
)
def test_points_must_match_the_checkpoint(points: Points, field: str, sentence: str) -> None:
    request = msgspec.structs.replace(MESSAGES["inspect"], points=points)
    with pytest.raises(ProtocolError) as refused:
        decode(msgspec.msgpack.encode(request))
    error = refused.value.error
    assert error.id == 6
    assert error.message == f"{field}: expected {sentence}"


def test_the_checkpoint_is_checked() -> None:
    request = msgspec.structs.replace(
        MESSAGES["inspect"],
        checkpoint=msgspec.structs.replace(MESSAGES["inspect"].checkpoint, parameters=b""),  # type: ignore[union-attr] # it has one
    )
    with pytest.raises(ProtocolError, match=r"^checkpoint\.parameters: expected 48 bytes"):
        decode(msgspec.msgpack.encode(request))
