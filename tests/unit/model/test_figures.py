"""The page's metrics show the same digits as the engine's.

This holds on processors with fused multiply-add, which the page's arithmetic assumes. Without it
the engine rounds otherwise, and about 16 texts in 1000 differ.
"""

import base64
import math
from dataclasses import asdict, dataclass
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from nnvisu import engine
from nnvisu.model import choices
from tests.support import node

CASES = 1000
ACTIVATIONS = get_args(choices.Activation)
FEATURES = get_args(choices.Feature)


@dataclass(frozen=True)
class Case:
    """A network and points, with the engine's and the page's metrics."""

    checkpoint: engine.Checkpoint
    points: engine.Points
    metrics: engine.Metrics
    page: dict[str, Any]


def _draw(generator: np.random.Generator, number: int) -> tuple[engine.Checkpoint, engine.Points]:
    """Draw a random network with weights of random scale, and points for it.

    Every activation is equally frequent. Half of the classifiers are right at every point, so
    their losses are small.
    """
    depth = int(generator.choice([0, 1, 2, 3, 10]))
    names = [FEATURES[k] for k in sorted(generator.choice(7, generator.integers(1, 8), False))]
    is_regression = generator.random() < 0.4
    classes = () if is_regression else generator.choice(10, generator.integers(2, 11), False)
    network = engine.Network(
        tuple(int(units) for units in generator.integers(1, 13, depth)),
        tuple(sorted(int(label) for label in classes)),
        ACTIVATIONS[number % len(ACTIVATIONS)],
        tuple(names),
    )
    scale = 10 ** generator.uniform(-2, 1.5)
    parameters = (scale * generator.normal(0, 1, network.parameter_count)).astype(np.float32)
    checkpoint = engine.Checkpoint(
        network, parameters, engine.Optimiser("sgd", np.zeros(0, np.float32)), 0, 0, 0
    )
    n = int(generator.integers(1, 400))
    x, y = generator.uniform(-1, 1, (2, n)).astype(np.float32)
    if is_regression:
        value = generator.normal(0, 1, n).astype(np.float32)
        return checkpoint, engine.Points(x, y, np.zeros(n, np.uint8), value)
    places = generator.integers(0, len(network.classes), n)
    if generator.random() < 0.5:
        places = engine.predict(checkpoint, x, y).argmax(axis=0)
    return checkpoint, engine.Points(x, y, np.array(network.classes, np.uint8)[places])


def _for_the_page(
    checkpoint: engine.Checkpoint, points: engine.Points, metrics: engine.Metrics
) -> dict[str, Any]:
    is_regression = points.value is not None
    return {
        "network": asdict(checkpoint.network),
        "parameters": _base64(checkpoint.parameters),
        "x": _base64(points.x),
        "y": _base64(points.y),
        "label": "" if is_regression else _base64(points.label),
        "value": "" if points.value is None else _base64(points.value),
        "engine": {
            "loss": _if_finite(metrics.loss),
            "accuracy": metrics.accuracy,
            "confusion": _flat(metrics.confusion),
            "r2": None if metrics.r2 is None else _if_finite(metrics.r2),
        },
    }


def _base64(array: NDArray[Any]) -> str:
    return base64.b64encode(array.tobytes()).decode()


def _if_finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _flat(confusion: NDArray[np.int64] | None) -> list[int]:
    return [] if confusion is None else confusion.ravel().tolist()


def _measure(drawn: list[tuple[engine.Checkpoint, engine.Points]]) -> list[Case]:
    measured = [(*pair, engine.evaluate(*pair)) for pair in drawn]
    known = [(checkpoint, points, metrics) for checkpoint, points, metrics in measured if metrics]
    found = node.run("figures.js", [_for_the_page(*case) for case in known])
    return [Case(*case, page) for case, page in zip(known, found, strict=True)]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    generator = np.random.default_rng(20261126)
    return _measure([_draw(generator, number) for number in range(CASES)])


def test_losses_of_every_size_are_among_the_cases(cases: list[Case]) -> None:
    losses = [case.metrics.loss for case in cases]
    for low, high in [(0, 1e-9), (1e-9, 1e-4), (1e-4, 1), (1, 100), (100, 1e4), (1e4, math.inf)]:
        assert sum(low < loss <= high for loss in losses) > 10, (low, high)


def test_page_and_engine_show_the_same_texts(cases: list[Case]) -> None:
    assert len(cases) == CASES
    assert [
        (case.checkpoint.network, case.page["page"], case.page["engine"])
        for case in cases
        if case.page["page"] != case.page["engine"]
    ] == []


def test_losses_agree_beyond_the_digits_shown(cases: list[Case]) -> None:
    """Equal to the last bits, except that the C library's float32 log1p may round differently."""
    for case in cases:
        near = 1e-12 if case.checkpoint.network.is_regression else 1e-6
        found = math.inf if case.page["loss"] is None else case.page["loss"]
        assert found == pytest.approx(case.metrics.loss, rel=near, abs=1e-37)


def test_page_and_engine_count_the_same_confusion(cases: list[Case]) -> None:
    for case in cases:
        assert case.page["confusion"] == _flat(case.metrics.confusion)


def test_ties_between_classes_go_to_the_first_class() -> None:
    network = engine.Network((), (1, 4, 7), initialiser="zeros")
    checkpoint = engine.initialise(network, 0, "sgd")
    x = np.zeros(3, np.float32)
    tied = engine.Points(x, x, np.array([1, 4, 7], np.uint8))
    (case,) = _measure([(checkpoint, tied)])
    assert case.page["confusion"] == _flat(case.metrics.confusion) == [1, 0, 0, 1, 0, 0, 1, 0, 0]
    assert case.page["page"] == ["1.0986", "33.3 %", "–"]


def test_the_page_and_the_engine_compute_the_same_output_bits(cases: list[Case]) -> None:
    """Tested on regression outputs; this is why the digits agree."""
    for case in cases:
        if case.points.value is not None:
            values = engine.predict(case.checkpoint, case.points.x, case.points.y)
            found = np.array(case.page["outputs"], np.float32)
            np.testing.assert_array_equal(found, values.ravel(), str(case.checkpoint.network))


@pytest.mark.parametrize(
    ("label", "weight", "loss", "text"), [(1, 36, 72.0, "72.0000"), (0, 10, 2.0612e-9, "0.0000")]
)
def test_losses_computed_by_hand(label: int, weight: float, loss: float, text: str) -> None:
    """One point at x = 1: the logits of classes 0 and 1 are the weight and its negative."""
    network = engine.Network((), (0, 1), features=("x",))
    parameters = np.array([weight, -weight, 0, 0], np.float32)
    memory = engine.Optimiser("sgd", np.zeros(0, np.float32))
    checkpoint = engine.Checkpoint(network, parameters, memory, 0, 0, 0)
    one = np.ones(1, np.float32)
    (case,) = _measure([(checkpoint, engine.Points(one, one, np.array([label], np.uint8)))])
    assert case.page["loss"] == pytest.approx(loss, rel=1e-4)
    assert case.page["page"][0] == case.page["engine"][0] == text
