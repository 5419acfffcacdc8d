"""Decoding requests: valid ones are accepted, all others are refused with a clear sentence."""

import base64
import hashlib
import json
import math
import re
import time
from collections.abc import Callable
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnvisu.model import choices
from nnvisu.wire import messages
from nnvisu.wire.codec import decode
from nnvisu.wire.messages import Error, ProtocolError, Request
from tests.fixtures.messages import MESSAGES
from tests.support.mutations import Mutator
from tests.support.raw import TEXT

FEATURES = ", ".join(get_args(choices.Feature))
REQUESTS = {name: message for name, message in MESSAGES.items() if isinstance(message, Request)}


def refusal(message: bytes | str) -> Error:
    """Decode a message that must be refused; return the error."""
    with pytest.raises(ProtocolError) as refused:
        decode(message)
    return refused.value.error


def plain(name: str) -> dict[str, Any]:
    """Return an example as builtin values, to be modified."""
    return dict(msgspec.msgpack.decode(msgspec.msgpack.encode(MESSAGES[name])))


def modified(name: str, path: str, value: Any) -> dict[str, Any]:
    """Return an example with another value at a path."""
    message = plain(name)
    *parents, last = path.split(".")
    place = message
    for parent in parents:
        place = place.setdefault(parent, {})
    place[last] = value
    return message


@pytest.mark.parametrize("name", REQUESTS)
def test_valid_requests_are_accepted(name: str) -> None:
    assert decode(msgspec.msgpack.encode(MESSAGES[name])) == MESSAGES[name]
    assert decode(msgspec.json.encode(MESSAGES[name]).decode()) == MESSAGES[name]


NUMBERS = [
    ("hyperparameters.learning_rate", (0, -1), "`float` > 0.0"),
    ("hyperparameters.learning_rate", (101,), "`float` <= 100.0"),
    ("hyperparameters.batch_size", (0,), "`int` >= 1"),
    ("hyperparameters.batch_size", (1001,), "`int` <= 1000"),
    ("hyperparameters.batch_size", (2.5,), "`int | null`, got `float`"),
    ("hyperparameters.l2", (-0.5,), "`float` >= 0.0"),
    ("hyperparameters.l2", (11,), "`float` <= 10.0"),
    ("hyperparameters.dropout", (-1,), "`float` >= 0.0"),
    ("hyperparameters.dropout", (1,), "`float` <= 0.9"),
    ("hyperparameters.l1", (-1,), "`float` >= 0.0"),
    ("hyperparameters.l1", (11,), "`float` <= 10.0"),
    ("hyperparameters.weight_decay", (-1,), "`float` >= 0.0"),
    ("hyperparameters.weight_decay", (11,), "`float` <= 10.0"),
    ("hyperparameters.schedule_epochs", (0,), "`int` >= 1"),
    ("hyperparameters.schedule_epochs", (1_000_001,), "`int` <= 1000000"),
    ("hyperparameters.schedule_factor", (0,), "`float` > 0.0"),
    ("hyperparameters.schedule_factor", (1.5,), "`float` <= 1.0"),
    ("budget.epochs", (0, -3), "`int` >= 1"),
    ("budget.epochs", (2**53,), "`int` <= 9007199254740991"),
    ("budget.seconds", (0,), "`float` > 0.0"),
    ("budget.seconds", (10.5,), "`float` <= 10.0"),
    ("pace", (0,), "`float` > 0.0"),
    ("pace", (1000.5,), "`float` <= 1000.0"),
    ("frames_per_second", (0,), "`float` > 0.0"),
    ("frames_per_second", (61,), "`float` <= 60.0"),
    ("checkpoint.seed", (-1,), "`int` >= 0"),
    ("checkpoint.seed", (2**32,), "`int` <= 4294967295"),
    ("checkpoint.step", (-1,), "`int` >= 0"),
    ("checkpoint.step", (2**53,), "`int` <= 9007199254740991"),
    ("stop_conditions.loss", (0,), "`float` > 0.0"),
    ("stop_conditions.epoch", (0,), "`int` >= 1"),
    ("stop_conditions.patience", (1.5,), "`int | null`, got `float`"),
    ("progress.best_loss", (-1,), "`float` >= 0.0"),
    ("progress.best_loss", (1e300,), "`float` <= 1e+80"),
    ("progress.seconds", (1e10,), "`float` <= 1000000000.0"),
]


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [(path, value, expected) for path, values, expected in NUMBERS for value in values],
)
def test_a_number_out_of_bounds_is_refused_with_its_path_and_bound(
    path: str, value: float, expected: str
) -> None:
    message = modified("train with everything", path, value)
    for form in (msgspec.msgpack.encode(message), msgspec.json.encode(message).decode()):
        error = refusal(form)
        assert f"Expected {expected} - at `$.{path}`." in error.message
        assert error.id == message["id"]


@pytest.mark.parametrize("path", sorted({path for path, _, _ in NUMBERS}))
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "1", True, [1], {}])
def test_a_non_number_is_refused(path: str, value: Any) -> None:
    message = modified("train with everything", path, value)
    assert f"`$.{path}`" in refusal(msgspec.msgpack.encode(message)).message


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("type", "trian", "Invalid value 'trian' - at `$.type`."),
        ("network.hidden_layers", "10-abc", "Expected `array`, got `str` - at `$.network.hidden"),
        ("network.hidden_layers", [5, 101], "`int` <= 100 - at `$.network.hidden_layers[1]`."),
        ("network.hidden_layers", [1] * 11, "`array` of length <= 10 - at `$.network.hidden_lay"),
        ("network.classes", [0, 255], "Expected `int` <= 9 - at `$.network.classes[1]`."),
        ("network.activation", "step", "Invalid enum value 'step' - at `$.network.activation`."),
        ("network.activation", None, "Expected `str`, got `None` - at `$.network.activation`."),
        ("network.features", [], "Expected `array` of length >= 1 - at `$.network.features`."),
        ("network.features", ["z"], "Invalid enum value 'z' - at `$.network.features[0]`."),
        ("network.initialiser", "ones", "Invalid enum value 'ones' - at `$.network.initialiser"),
        ("network.depth", 1, "Object contains unknown field `depth` - at `$.network`."),
        ("hyperparameters.schedule", "linear", "Invalid enum value 'linear' - at `$.hyperparam"),
        ("hyperparameters.nesterov", 1, "Expected `bool`, got `int` - at `$.hyperparameters.nes"),
        ("id", -1, "Expected `int` >= 0 - at `$.id`."),
        ("data.training.label", 7, "Expected `bytes`, got `int` - at `$.data.training.label`."),
        ("budget", 3, "Expected `object`, got `int` - at `$.budget`."),
    ],
)
def test_an_invalid_field_is_refused_with_its_path(path: str, value: Any, sentence: str) -> None:
    error = refusal(msgspec.msgpack.encode(modified("train with everything", path, value)))
    assert error.message.startswith("The request was not understood: ")
    assert sentence in error.message
    assert error.message.endswith(
        "schema.json, beside the page, lists the fields and what each may hold."
    )
    assert error.id == (None if path == "id" else MESSAGES["train with everything"].id)  # type: ignore[union-attr] # a train has one


@pytest.mark.parametrize(
    ("path", "value", "field", "expected"),
    [
        (
            "network.classes",
            [1],
            None,
            "no label (regression) or at least 2 (classif",
        ),
        ("network.classes", [1, 0], None, "ascending labels without repetition, got 1, 0"),
        ("network.classes", [1, 1], None, "ascending labels without repetition, got 1, 1"),
        (
            "network.features",
            ["y", "x"],
            None,
            f"some of {FEATURES}, in this order, each once, got y, x",
        ),
        (
            "network.features",
            ["x", "x"],
            None,
            f"some of {FEATURES}, in this order, each once, got x, x",
        ),
        ("checkpoint.parameters", b"123", None, "48 bytes for this network"),
        ("checkpoint.optimiser.slots", b"", None, "96 bytes for this network"),
        ("checkpoint.optimiser.name", "sgd", "checkpoint.optimiser.slots", "0 bytes"),
        ("data.training.x", b"123", None, "12 bytes, four for each label, got 3 bytes"),
        ("data.training.y", b"1234", None, "12 bytes, four for each label, got 4 bytes"),
        ("data.training.label", bytes([0, 3, 2]), None, "labels of the network (0, 3), got 2"),
        ("data.training", {}, None, "at least 1 point, got none"),
        ("data.training.value", b"1234", None, "no values for a network with classes"),
        (
            "data.test",
            {"x": bytes(3992), "y": bytes(3992), "label": bytes(998)},
            "data",
            "at most 1000 points, got 1001",
        ),
    ],
)
def test_contradictory_fields_are_refused_by_name(
    path: str, value: Any, field: str | None, expected: str
) -> None:
    error = refusal(msgspec.msgpack.encode(modified("train with everything", path, value)))
    assert error.message.startswith(f"{field or path}: expected {expected}")
    assert error.id == MESSAGES["train with everything"].id  # type: ignore[union-attr] # a train has one


@pytest.mark.parametrize(
    ("path", "value", "field", "sentence"),
    [
        ("data.training.value", bytes(7), "data.training.x", "7 bytes, four for each value, got 8"),
        ("data.training.x", bytes(4), None, "8 bytes, four for each value, got 4"),
        ("data.training.label", b"\x00", None, "no labels for a network without classes, got some"),
        ("data.training", {"x": b"12345", "y": b"12345", "value": b"12345"}, "data.training.value",
         "a multiple of 4 bytes, got 5 bytes"),
        ("stop_conditions", {"patience": 3}, "stop_conditions.patience",
         "test points to look at, got none"),
    ],
)  # fmt: skip
def test_invalid_values_are_refused_by_name(
    path: str, value: Any, field: str | None, sentence: str
) -> None:
    error = refusal(msgspec.msgpack.encode(modified("train on values", path, value)))
    assert error.message.startswith(f"{field or path}: expected {sentence}")


@pytest.mark.parametrize("name", REQUESTS)
def test_unknown_and_missing_fields_are_refused(name: str) -> None:
    message = plain(name)
    error = refusal(msgspec.msgpack.encode({**message, "colour": 1}))
    assert "unknown field `colour`" in error.message
    for missing in msgspec.structs.fields(type(MESSAGES[name])):
        if missing.required:
            less = {key: value for key, value in message.items() if key != missing.name}
            error = refusal(msgspec.msgpack.encode(less))
            assert f"missing required field `{missing.name}`" in error.message


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\xc1",
        b"\x81\xa4type",
        b"\x91" * 100_000,
        b"\x81\x91\x01\x02",
        b"\x82\xa4type\xa4st\xffp\xa2id\x01",
        msgspec.msgpack.encode(7),
        msgspec.msgpack.encode([1, 2]),
        msgspec.msgpack.encode({1: 2}),
        msgspec.msgpack.encode(msgspec.msgpack.Ext(5, b"x")),
        "",
        "{",
        "[" * 100_000,
        "null",
        '{"type": "stop", "id": 1}{}',
        '{"type": "stop", "id": NaN}',
        '{"type": "stop", "id": 1e400}',
        '{"type": "stop", "id": "\ud800"}',
        '{"type": ["stop"], "id": 1}',
    ],
    ids=lambda message: repr(message[:24]),
)
def test_malformed_messages_are_refused(message: bytes | str) -> None:
    assert refusal(message).message.startswith("The request was not understood: ")


def test_too_large_a_request_is_refused_with_its_limit_and_id() -> None:
    message = msgspec.msgpack.encode({"type": "stop", "id": 77, "padding": bytes(1_500_000)})
    error = refusal(message)
    assert error.id == 77
    assert error.message == (
        f"A request may have 1500000 bytes at most; this one has {len(message)}."
    )


def test_the_largest_valid_request_is_accepted_in_both_forms() -> None:
    network = messages.Network((100,) * 10, tuple(range(10)))
    size = 4 * network.parameter_count
    optimiser = messages.Optimiser("adam", bytes(2 * size), 2**52)
    checkpoint = messages.Checkpoint(network, bytes(size), optimiser, 2**52, 2**52, 2**32 - 1)
    points = messages.Points(bytes(4000), bytes(4000), bytes(1000))
    train = messages.Train(
        2**53 - 1, network, checkpoint, messages.Hyperparameters(), messages.Data(points)
    )
    assert decode(msgspec.msgpack.encode(train)) == train
    assert decode(msgspec.json.encode(train).decode()) == train


def test_a_large_value_is_not_repeated_in_the_error() -> None:
    long = "x" * 1000
    wrong_value = modified("generate", "distribution", long)
    error = refusal(msgspec.msgpack.encode(wrong_value))
    assert "x...x' - at `$.distribution`." in re.sub("x+", "x", error.message)
    for message in (wrong_value, {**plain("generate"), long: 1}):
        assert len(refusal(msgspec.msgpack.encode(message)).message) < 300


@given(
    name=st.sampled_from(sorted(REQUESTS)),
    data=st.data(),
)
def test_a_mutated_message_is_decoded_or_refused(name: str, data: st.DataObject) -> None:
    message = bytearray(msgspec.msgpack.encode(MESSAGES[name]))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(message) - 1))
        message[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(message)))
    for form in (bytes(message), bytes(message[:cut])):
        try:
            assert isinstance(decode(form), Request)
        except ProtocolError as refused:
            assert refused.error.message  # noqa: PT017 - both ends are legal here


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(
    name=st.sampled_from(sorted(REQUESTS)),
    field=st.sampled_from(
        ["type", "id", "network", "checkpoint", "data", "budget", "noise", "keep"]
    ),
    value=json_values,
)
def test_any_value_in_any_field_is_decoded_or_refused(name: str, field: str, value: Any) -> None:
    message = {**plain(name), field: value}
    try:
        packed = msgspec.msgpack.encode(message)
    except OverflowError:
        return
    try:
        assert isinstance(decode(packed), Request)
    except ProtocolError as refused:
        assert refused.error.message  # noqa: PT017 - both ends are legal here


def test_invalid_base64_is_refused() -> None:
    message = json.loads(msgspec.json.encode(MESSAGES["train with defaults"]))
    message["data"]["training"]["label"] = "@@"
    error = refusal(json.dumps(message))
    assert "Invalid base64 encoded string - at `$.data.training.label`." in error.message
    message["data"]["training"]["label"] = base64.b64encode(b"\x00\x01").decode()
    assert decode(json.dumps(message)) == MESSAGES["train with defaults"]


@given(message=st.binary() | st.text(st.characters()))
def test_any_input_is_decoded_or_refused(message: bytes | str) -> None:
    try:
        assert isinstance(decode(message), Request)
    except ProtocolError as refused:
        assert refused.error.message  # noqa: PT017 - both ends are legal here


@given(seed=st.integers(0, 2**32))
def test_hostile_messages_are_decoded_or_refused(seed: int) -> None:
    opcode, payload = Mutator(seed).message()
    try:
        assert isinstance(decode(payload.decode() if opcode == TEXT else payload), Request)
    except ProtocolError as refused:
        assert len(msgspec.msgpack.encode(refused.error)) < 1000  # noqa: PT017 - as above


COSTLY: dict[str, bytes | str] = {
    "integers for layers": msgspec.msgpack.encode(
        {"type": "train", "id": 1, "network": {"hidden_layers": [1] * 1_490_000}}
    ),
    "integers in JSON": json.dumps(
        {"type": "train", "id": 1, "network": {"hidden_layers": [1] * 490_000}}
    ),
    "an unknown field": msgspec.msgpack.encode({"x": [1] * 1_490_000, "type": "stop", "id": 1}),
    "one field repeated": b"\xdf\x00\x07\x00\x00" + b"\xa1a\x00" * 0x70000,
    "an escaped type": '{"type": "' + "\\u00e9" * 240_000 + '"}',
    "too large": msgspec.msgpack.encode({"x": [1] * 2_090_000, "id": 1}),
}
REFUSED_WITHIN = 30
"""Times what hashing the message takes, in the same run: at most 11 was measured, less than 5 ms. A
parser that built the values first would take several times as long."""


def processor_s(act: Callable[[], object]) -> float:
    """Measure the processor time of a call."""
    start_s = time.thread_time()
    act()
    return time.thread_time() - start_s


@pytest.mark.parametrize("name", COSTLY)
def test_the_costliest_messages_are_refused_quickly(name: str) -> None:
    """The least of several runs, taken in turns with the reference."""
    message = COSTLY[name]
    binary = message.encode() if isinstance(message, str) else message
    times = [
        (processor_s(lambda: refusal(message)), processor_s(lambda: hashlib.sha256(binary)))
        for _ in range(7)
    ]
    refused_s, hashed_s = map(min, zip(*times, strict=True))
    assert refused_s < REFUSED_WITHIN * hashed_s
