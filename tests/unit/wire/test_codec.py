"""Requests at the door: legal ones come in, all others are refused with a helpful sentence."""

import base64
import json
import math
import time
from math import inf
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnvisu.wire import messages
from nnvisu.wire.codec import decode
from nnvisu.wire.messages import Error, ProtocolError, Request
from tests.fixtures.messages import MESSAGES
from tests.support.mutations import Mutator
from tests.support.raw import TEXT

ACTIVATIONS = ", ".join(sorted(get_args(messages.Activation)))
REQUESTS = {name: message for name, message in MESSAGES.items() if isinstance(message, Request)}


def refusal(message: bytes | str) -> Error:
    """Have a message refused."""
    with pytest.raises(ProtocolError) as refused:
        decode(message)
    return refused.value.error


def plain(name: str) -> dict[str, Any]:
    """Give an example as plain values, to be spoilt."""
    return dict(msgspec.msgpack.decode(msgspec.msgpack.encode(MESSAGES[name])))


def spoilt(name: str, path: str, value: Any) -> dict[str, Any]:
    """Give an example with another value at a path."""
    message = plain(name)
    *parents, last = path.split(".")
    place = message
    for parent in parents:
        place = place.setdefault(parent, {})
    place[last] = value
    return message


@pytest.mark.parametrize("name", REQUESTS)
def test_legal_requests_come_in(name: str) -> None:
    assert decode(msgspec.msgpack.encode(MESSAGES[name])) == MESSAGES[name]
    assert decode(msgspec.json.encode(MESSAGES[name]).decode()) == MESSAGES[name]


NUMBERS = [
    ("hyperparameters.learning_rate", "a number greater than 0 and at most 100", (0, -1, 101)),
    ("hyperparameters.batch_size", "a whole number from 1 to 1000", (0, 1001, 2.5)),
    ("hyperparameters.l2", "a number from 0 to 10", (-0.5, 11)),
    ("hyperparameters.dropout", "a number from 0 to 0.9", (-1, 1)),
    ("hyperparameters.l1", "a number from 0 to 10", (-1, 11)),
    ("hyperparameters.weight_decay", "a number from 0 to 10", (-1, 11)),
    ("hyperparameters.schedule_epochs", "a whole number from 1 to 1000000", (0, 1_000_001)),
    ("hyperparameters.schedule_factor", "a number greater than 0 and at most 1", (0, 1.5)),
    ("budget.epochs", "a whole number from 1 to 9007199254740991", (0, -3, 2**53)),
    ("budget.seconds", "a number greater than 0 and at most 10", (0, 10.5)),
    ("pace", "a number greater than 0 and at most 1000", (0, 1000.5)),
    ("frames_per_second", "a number greater than 0 and at most 60", (0, 61)),
    ("checkpoint.seed", "a whole number from 0 to 4294967295", (-1, 2**32)),
    ("checkpoint.step", "a whole number from 0 to 9007199254740991", (-1, 2**53)),
]


@pytest.mark.parametrize(
    ("path", "expected", "value"),
    [(path, expected, value) for path, expected, values in NUMBERS for value in values],
)
def test_a_number_out_of_bounds_is_refused_by_name(path: str, expected: str, value: float) -> None:
    message = spoilt("train with everything", path, value)
    for form in (msgspec.msgpack.encode(message), msgspec.json.encode(message).decode()):
        error = refusal(form)
        assert error.message == f"{path}: expected {expected}, got {value}"
        assert (error.field, error.id) == (path, message["id"])


@pytest.mark.parametrize("path", [path for path, _, _ in NUMBERS if "." in path])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "1", True, [1], {}])
def test_what_is_no_number_is_refused(path: str, value: Any) -> None:
    message = spoilt("train with everything", path, value)
    assert refusal(msgspec.msgpack.encode(message)).field == path


@pytest.mark.parametrize(
    ("path", "value", "field", "sentence", "limit"),
    [
        (
            "type",
            "trian",
            "type",
            "one of train, ack, stop, initialise, generate, inspect, got 'trian'",
            None,
        ),
        ("network.hidden_layers", "10-abc", None, "a list of at most 10 items, got '10-abc'", None),
        (
            "network.hidden_layers",
            [5, 101],
            "network.hidden_layers[1]",
            "a whole number from 1 to 100, got 101",
            100,
        ),
        ("network.hidden_layers", [1] * 11, None, "at most 10 items, got a list of 11", 10),
        (
            "network.classes",
            [1],
            None,
            "no label (regression) or at least 2 (classification), got 1",
            2,
        ),
        ("network.classes", [1, 0], None, "ascending labels without repetition, got 1, 0", None),
        ("network.classes", [1, 1], None, "ascending labels without repetition, got 1, 1", None),
        (
            "network.classes",
            [0, 255],
            "network.classes[1]",
            "a whole number from 0 to 9, got 255",
            9,
        ),
        ("network.activation", "step", None, f"{ACTIVATIONS}, got 'step'", None),
        ("network.activation", None, None, f"{ACTIVATIONS}, got nothing", None),
        ("network.features", [], None, "a list of 1 to 7 items, got a list of 0", 1),
        (
            "network.features",
            ["z"],
            "network.features[0]",
            "x_times_y, y, y_squared, got 'z'",
            None,
        ),
        ("network.features", ["y", "x"], None, "in this order, each once, got y, x", None),
        ("network.features", ["x", "x"], None, "in this order, each once, got x, x", None),
        ("network.initialiser", "ones", None, "small_normal, zeros, got 'ones'", None),
        ("hyperparameters.schedule", "linear", None, "step, warm_up, got 'linear'", None),
        ("hyperparameters.nesterov", 1, None, "got 1", None),
        ("checkpoint.parameters", b"123", None, "48 bytes for this network", None),
        ("checkpoint.optimiser.slots", b"", None, "96 bytes for this network", None),
        ("checkpoint.optimiser.name", "sgd", "checkpoint.optimiser.slots", "0 bytes", None),
        ("data.training.x", b"123", None, "12 bytes, four for each label, got 3 bytes", None),
        ("data.training.y", b"1234", None, "12 bytes, four for each label, got 4 bytes", None),
        (
            "data.training.label",
            bytes([0, 3, 2]),
            None,
            "labels of the network (0, 3), got 2",
            None,
        ),
        ("data.training", {}, None, "at least 1 point, got none", 1),
        ("data.training.value", b"1234", None, "no values for a network with classes", None),
        ("stop_conditions.loss", 0, None, "a number greater than 0", 0),
        ("stop_conditions.epoch", 0, None, "a whole number from 1", 1),
        ("stop_conditions.patience", 1.5, None, "a whole number from 1", None),
        ("progress.best_loss", -1, None, "a number from 0 to 1e+80, got -1", 0),
        ("progress.best_loss", inf, None, "a number from 0 to 1e+80, got inf", 1e80),
        ("progress.seconds", inf, None, "a number from 0 to 1000000000.0, got inf", 1e9),
        (
            "data.test",
            {"x": bytes(3992), "y": bytes(3992), "label": bytes(998)},
            "data",
            "at most 1000 points, got 1001",
            1000,
        ),
        ("id", -1, None, "a whole number from 0 to 9007199254740991, got -1", 0),
        (
            "data.training.label",
            7,
            None,
            "binary data (one uint8 each; base64 in JSON), got 7",
            None,
        ),
        ("budget", 3, None, "a map of named fields, got 3", None),
    ],
)
def test_a_wrong_field_is_refused_by_name(
    path: str, value: Any, field: str | None, sentence: str, limit: float | None
) -> None:
    error = refusal(msgspec.msgpack.encode(spoilt("train with everything", path, value)))
    assert error.field == (field or path)
    assert error.message.startswith(f"{error.field}: expected ")
    assert sentence in error.message
    assert error.limit == limit
    assert error.id == (None if path == "id" else MESSAGES["train with everything"].id)  # type: ignore[union-attr] # a train has one


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
def test_wrong_values_are_refused_by_name(
    path: str, value: Any, field: str | None, sentence: str
) -> None:
    error = refusal(msgspec.msgpack.encode(spoilt("train on values", path, value)))
    assert error.message.startswith(f"{field or path}: expected {sentence}")


@pytest.mark.parametrize("name", REQUESTS)
def test_a_field_too_many_or_too_few_is_refused(name: str) -> None:
    message = plain(name)
    error = refusal(msgspec.msgpack.encode({**message, "colour": 1}))
    assert error.message.startswith("colour is not a known field; the fields here are type, id")
    for missing in msgspec.structs.fields(type(MESSAGES[name])):
        if missing.required:
            less = {key: value for key, value in message.items() if key != missing.name}
            error = refusal(msgspec.msgpack.encode(less))
            assert error.message.startswith(f"{missing.name} is missing; ")
            assert error.field == missing.name


def test_a_nested_field_that_is_unknown_is_refused_with_its_path() -> None:
    error = refusal(msgspec.msgpack.encode(spoilt("initialise", "network.depth", 1)))
    assert error.field == "network.depth"
    assert error.message.endswith(
        "fields here are hidden_layers, classes, activation, features, initialiser"
    )


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
def test_what_is_no_message_is_refused(message: bytes | str) -> None:
    assert ": expected " in refusal(message).message


def test_too_large_a_request_is_refused_by_its_limit_and_its_id() -> None:
    message = msgspec.msgpack.encode({"type": "stop", "id": 77, "padding": bytes(1_500_000)})
    error = refusal(message)
    assert (error.id, error.limit) == (77, 1_500_000)
    assert error.message == f"message: expected at most 1500000 bytes, got {len(message)} bytes"


def test_the_largest_legal_request_comes_in_in_both_forms() -> None:
    network = messages.Network((100,) * 10, tuple(range(10)))
    size = 4 * network.parameter_count
    optimiser = messages.Optimiser("adam", bytes(2 * size), 2**53 - 1)
    checkpoint = messages.Checkpoint(
        network, bytes(size), optimiser, 2**53 - 1, 2**53 - 1, 2**32 - 1
    )
    points = messages.Points(bytes(4000), bytes(4000), bytes(1000))
    train = messages.Train(
        2**53 - 1, network, checkpoint, messages.Hyperparameters(), messages.Data(points)
    )
    assert decode(msgspec.msgpack.encode(train)) == train
    assert decode(msgspec.json.encode(train).decode()) == train


def test_a_large_value_is_not_repeated_in_the_error() -> None:
    long = "x" * 1000
    assert len(refusal(msgspec.msgpack.encode(spoilt("generate", "noise", long))).message) < 120
    assert len(refusal(msgspec.msgpack.encode({**plain("generate"), long: 1})).message) < 200


@given(
    name=st.sampled_from(sorted(REQUESTS)),
    data=st.data(),
)
def test_a_mutated_message_is_understood_or_refused(name: str, data: st.DataObject) -> None:
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
def test_any_value_in_any_field_is_understood_or_refused(name: str, field: str, value: Any) -> None:
    message = {**plain(name), field: value}
    try:
        packed = msgspec.msgpack.encode(message)
    except OverflowError:
        return
    try:
        assert isinstance(decode(packed), Request)
    except ProtocolError as refused:
        assert refused.error.message  # noqa: PT017 - both ends are legal here


def test_base64_that_is_none_is_refused() -> None:
    message = json.loads(msgspec.json.encode(MESSAGES["train with defaults"]))
    message["data"]["training"]["label"] = "@@"
    error = refusal(json.dumps(message))
    assert error.message == (
        "data.training.label: expected binary data (one uint8 each; base64 in JSON), got '@@'"
    )
    message["data"]["training"]["label"] = base64.b64encode(b"\x00\x01").decode()
    assert decode(json.dumps(message)) == MESSAGES["train with defaults"]


@given(message=st.binary() | st.text(st.characters()))
def test_anything_at_all_is_understood_or_refused(message: bytes | str) -> None:
    try:
        assert isinstance(decode(message), Request)
    except ProtocolError as refused:
        assert refused.error.message  # noqa: PT017 - both ends are legal here


@given(seed=st.integers(0, 2**32))
def test_what_an_enemy_makes_of_a_message_is_understood_or_refused(seed: int) -> None:
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
    "one field again and again": b"\xdf\x00\x07\x00\x00" + b"\xa1a\x00" * 0x70000,
    "an escaped type": '{"type": "' + "\\u00e9" * 240_000 + '"}',
    "too large": msgspec.msgpack.encode({"x": [1] * 2_090_000, "id": 1}),
}
REFUSED_WITHIN_S = 0.005
"""The promise, for what a message may cost the event loop."""


@pytest.mark.parametrize("name", COSTLY)
def test_the_costliest_messages_are_refused_soon(name: str) -> None:
    """Measured as processor time, the least of several; a wide margin is for slow machines."""
    least_s = inf
    for _ in range(5):
        start_s = time.thread_time()
        refusal(COSTLY[name])
        least_s = min(least_s, time.thread_time() - start_s)
    assert least_s < 4 * REFUSED_WITHIN_S
