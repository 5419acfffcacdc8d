"""The engine's outputs against the golden file, which also tests the page's forward pass."""

import base64
import json
from typing import Any

import numpy as np
import pytest

from nnvisu import engine
from tests.fixtures import forward
from tests.unit.engine.cases import draw_checkpoint, draw_points, in_float64
from tests.unit.engine.oracle import network as oracle

CASES: list[dict[str, Any]] = json.loads(forward.FILE.read_text())


def name(case: dict[str, Any]) -> str:
    network = case["network"]
    features = "+".join(network["features"])
    return f"{network['activation']}-{len(network['hidden_layers'])}-{features}"


def checkpoint_of(case: dict[str, Any]) -> engine.Checkpoint:
    network = engine.Network(
        tuple(case["network"]["hidden_layers"]),
        tuple(case["network"]["classes"]),
        case["network"]["activation"],
        tuple(case["network"]["features"]),
    )
    parameters = np.frombuffer(base64.b64decode(case["parameters"]), "<f4").astype(np.float32)
    optimiser = engine.Optimiser("sgd", np.zeros(0, np.float32))
    return engine.Checkpoint(network, parameters, optimiser, 0, 0, 0)


def test_the_golden_file_is_up_to_date() -> None:
    assert forward.FILE.read_text() == forward.text()


@pytest.mark.parametrize("case", CASES, ids=name)
def test_outputs_agree_with_the_golden_file(case: dict[str, Any]) -> None:
    x, y = np.array([case["x"], case["y"]], np.float32)
    actual = engine.predict(checkpoint_of(case), x, y)
    # Values may be large: a tolerance relative to float32's precision.
    rtol = 0 if case["network"]["classes"] else 1e-5
    np.testing.assert_allclose(actual, case["outputs"], rtol=rtol, atol=1e-5)


@pytest.mark.parametrize("n", [0, 1, 16, 255, 256, 257, 1000])
def test_any_number_of_positions_is_predicted(n: int) -> None:
    checkpoint = draw_checkpoint(engine.Network((10, 5), (1, 4, 8)))
    points = draw_points(n, (1, 4, 8))
    expected = oracle.forward(
        checkpoint.network.sizes,
        "tanh",
        checkpoint.parameters.astype(np.float64),
        in_float64(checkpoint.network, points)[0],
    )[-1]
    actual = engine.predict(checkpoint, points.x, points.y)
    assert actual.shape == (3, n)
    assert actual.dtype == np.float32
    np.testing.assert_allclose(actual, oracle.probabilities(expected), rtol=0, atol=1e-6)


@pytest.mark.parametrize("n", [1, 16, 255, 256, 257, 1000])
def test_metrics_match_the_oracle(n: int) -> None:
    checkpoint = draw_checkpoint(engine.Network((10, 5), (1, 4, 8)))
    points = draw_points(n, (1, 4, 8))
    inputs, targets = in_float64(checkpoint.network, points)
    logits = oracle.forward(
        checkpoint.network.sizes, "tanh", checkpoint.parameters.astype(np.float64), inputs
    )[-1]
    metrics = engine.evaluate(checkpoint, points)
    assert metrics is not None
    assert metrics.loss == pytest.approx(oracle.cross_entropy(logits, targets), rel=1e-5)
    said = logits.argmax(axis=0)
    assert metrics.accuracy == pytest.approx((said == targets).mean())
    expected = [[int(((targets == a) & (said == b)).sum()) for b in range(3)] for a in range(3)]
    assert metrics.confusion is not None
    assert metrics.confusion.tolist() == expected


def test_without_points_there_are_no_metrics() -> None:
    checkpoint = draw_checkpoint(engine.Network((), (0, 1)))
    assert engine.evaluate(checkpoint, draw_points(0, (0, 1))) is None


def test_a_small_loss_keeps_its_digits() -> None:
    """Near certainty the loss is computed from the small residual, without cancellation."""
    network = engine.Network((), (0, 1))
    parameters = np.array([20, 0, -20, 0, 0, 0], np.float32)
    optimiser = engine.Optimiser("sgd", np.zeros(0, np.float32))
    checkpoint = engine.Checkpoint(network, parameters, optimiser, 0, 0, 0)
    point = engine.Points(np.ones(1, np.float32), np.zeros(1, np.float32), np.zeros(1, np.uint8))
    metrics = engine.evaluate(checkpoint, point)
    assert metrics is not None
    assert metrics.loss == pytest.approx(np.log1p(np.exp(-40)), rel=1e-5)


def test_a_label_without_an_output_is_refused() -> None:
    checkpoint = draw_checkpoint(engine.Network((), (0, 2)))
    with pytest.raises(ValueError, match=r"label 1 is not among the network's classes \(0, 2\)"):
        engine.evaluate(checkpoint, draw_points(5, (1,)))
