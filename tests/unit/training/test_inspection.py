"""The computation of an `Inspect` request, run step by step."""

from math import nan

import msgspec
import numpy as np
import pytest

from nnvisu import engine
from nnvisu.model.choices import Activation
from nnvisu.training.conversion import checkpoint_of, points_of, statistics_message
from nnvisu.training.inspection import Inspection
from nnvisu.training.session import Session
from nnvisu.wire.messages import (
    Budget,
    Data,
    Hyperparameters,
    Inspect,
    Inspected,
    Network,
    Points,
    ProtocolError,
)
from tests.support.requests import NETWORK, a_checkpoint, a_train, some_points, with_parameters

SAMPLES = 700
PIECES = 6
"""Gradient and flat units of three blocks of up to 256 points."""


def a_request() -> Inspect:
    return Inspect(7, a_checkpoint(), some_points(SAMPLES), l1=0.01, l2=0.25)


class Clock:
    """A clock that advances by a tick at each reading."""

    def __init__(self, tick_s: float) -> None:
        self._tick_s = tick_s
        self._now_s = 0.0

    def __call__(self) -> float:
        self._now_s += self._tick_s
        return self._now_s


def expected(request: Inspect) -> Inspected:
    layers = engine.inspect(
        checkpoint_of(request.checkpoint, "checkpoint"),
        points_of(request.points, "points"),
        request.l1,
        request.l2,
    )
    return Inspected(request.id, tuple(map(statistics_message, layers)))


def test_the_reply_matches_the_engine() -> None:
    inspection = Inspection(a_request())
    assert inspection.advance(60.0) == expected(a_request())
    assert inspection.over


@pytest.mark.parametrize(
    ("slice_s", "slices"), [(1e-9, PIECES), (1.0, PIECES), (1.9, PIECES), (2.0, 3), (3.5, 2)]
)
def test_a_slice_computes_as_many_blocks_as_fit(slice_s: float, slices: int) -> None:
    inspection = Inspection(a_request(), Clock(1.0))
    replies = []
    while not inspection.over:
        replies.append(inspection.advance(slice_s))
    assert replies == [None] * (slices - 1) + [expected(a_request())]


def test_the_frames_of_a_training_hold_the_same_statistics() -> None:
    points = some_points(SAMPLES)
    train = a_train(
        hyperparameters=Hyperparameters(l1=0.01, l2=0.25),
        data=Data(points),
        budget=Budget(epochs=3),
        statistics=True,
    )
    session = Session(train)
    while not session.over:
        frame = session.advance(1.0)
    assert frame is not None
    answer = Inspection(Inspect(1, frame.checkpoint, points, 0.01, 0.25)).advance(60.0)
    assert answer is not None
    assert answer.layers == frame.layers


def test_non_finite_parameters_are_refused() -> None:
    request = Inspect(7, with_parameters(a_checkpoint(), nan), some_points())
    with pytest.raises(ProtocolError, match=r"^checkpoint\.parameters: expected finite numbers"):
        Inspection(request)


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
def test_an_infinite_gradient_has_no_norm(activation: Activation) -> None:
    checkpoint = a_checkpoint(msgspec.structs.replace(NETWORK, activation=activation))
    largest = np.full(len(checkpoint.parameters) // 4, 3e38, "<f4").tobytes()
    checkpoint = msgspec.structs.replace(checkpoint, parameters=largest)
    answer = Inspection(Inspect(7, checkpoint, some_points(SAMPLES))).advance(60.0)
    assert answer is not None
    assert [layer.gradient_norm for layer in answer.layers] == [None] * 3


def test_small_networks_take_one_slice() -> None:
    inspection = Inspection(Inspect(7, a_checkpoint(NETWORK), some_points()), Clock(0.0))
    assert inspection.advance(0.0) is not None


def test_blocks_whose_gradients_are_infinite_in_both_directions_have_no_norm() -> None:
    surface = Network((), ())
    ones = np.ones(512, "<f4").tobytes()
    value = np.repeat(np.array([3e38, -3e38], "<f4"), 256).tobytes()
    request = Inspect(7, a_checkpoint(surface), Points(ones, ones, value=value))
    answer = Inspection(request).advance(60.0)
    assert answer is not None
    assert answer.layers[0].gradient_norm is None
