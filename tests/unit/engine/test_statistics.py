"""The statistics of a network's layers, against the oracle."""

import numpy as np
import pytest

from nnvisu import engine
from nnvisu.engine import activations
from tests.unit.engine.cases import ACTIVATIONS, draw_checkpoint, draw_points, in_float64
from tests.unit.engine.oracle import network as oracle


def steepest(activation: str) -> float:
    """Return the largest slope of an activation, found on a fine grid."""
    function = oracle.ACTIVATIONS[activation]
    z = np.linspace(-10, 10, 20_001)
    return float(np.abs(function(z + 1e-6) - function(z - 1e-6)).max() / 2e-6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_steepest_slope_of_every_activation_is_known(activation: str) -> None:
    known = activations.ACTIVATIONS[activation].steepest
    assert known == pytest.approx(steepest(activation), rel=2e-3)


@pytest.mark.parametrize("n", [1, 16, 40, 300])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_norms_dead_and_saturated_units_match_the_oracle(activation: str, n: int) -> None:
    network = engine.Network((9, 5), (0, 1, 2), activation)
    start = draw_checkpoint(network, 4)
    # Weights large enough to saturate every activation that can saturate.
    checkpoint = engine.Checkpoint(network, 8 * start.parameters, start.optimiser, 0, 0, 0)
    points = draw_points(n, (0, 1, 2))
    inputs, targets = in_float64(network, points)
    parameters = checkpoint.parameters.astype(np.float64)
    slopes = oracle.gradient(network.sizes, activation, parameters, inputs, targets, l2=0.1)
    function = oracle.ACTIVATIONS[activation]
    values = inputs
    statistics = engine.inspect(checkpoint, points, l2=0.1)
    assert len(statistics) == 3
    for found, (weights, biases), (steps, _) in zip(
        statistics,
        oracle.layers(network.sizes, parameters),
        oracle.layers(network.sizes, slopes),
        strict=True,
    ):
        assert found.weight_norm == pytest.approx(np.linalg.norm(weights), rel=1e-5)
        assert found.gradient_norm == pytest.approx(np.linalg.norm(steps), rel=1e-4, abs=1e-6)
        assert found.gradient_limit == pytest.approx(np.abs(steps).max(), rel=1e-4, abs=1e-6)
        assert found.gradients.sum() == weights.size
        assert found.gradients[0] + found.gradients[-1] > 0
        z = weights @ values + biases[:, None]
        derivative = (function(z + 1e-6) - function(z - 1e-6)) / 2e-6
        flat = np.abs(derivative) < 0.005 * steepest(activation)
        is_output = len(weights) == 3
        assert found.dead == pytest.approx(0 if is_output else flat.all(axis=1).mean())
        tolerance = 2 / flat.size
        assert found.saturated == pytest.approx(0 if is_output else flat.mean(), abs=tolerance)
        values = function(z)


def test_norms_of_large_weights_are_finite() -> None:
    network = engine.Network((2,), (0, 1), "tanh")
    start = draw_checkpoint(network, 4)
    parameters = np.full_like(start.parameters, 1e25)
    checkpoint = engine.Checkpoint(network, parameters, start.optimiser, 0, 0, 0)
    hidden, output = engine.inspect(checkpoint, draw_points(9, (0, 1)))
    assert hidden.weight_norm == pytest.approx(2e25, rel=1e-6)
    assert output.weight_norm == pytest.approx(2e25, rel=1e-6)


def test_a_dead_unit_is_found() -> None:
    network = engine.Network((2,), (0, 1), "relu")
    parameters = np.array([1, 0, 1, 0, 2, -2, 1, 1, 1, 1, 0, 0], np.float32)
    optimiser = engine.Optimiser("sgd", np.zeros(0, np.float32))
    checkpoint = engine.Checkpoint(network, parameters, optimiser, 0, 0, 0)
    hidden, output = engine.inspect(checkpoint, draw_points(30, (0, 1)))
    assert (hidden.dead, hidden.saturated) == (0.5, 0.5)
    assert (output.dead, output.saturated) == (0, 0)


def test_the_gradient_matches_the_oracle() -> None:
    network = engine.Network((4,), (0, 1))
    checkpoint = draw_checkpoint(network, 1, "rmsprop")
    points = draw_points(50, (0, 1))
    expected = oracle.gradient(
        network.sizes,
        "tanh",
        checkpoint.parameters.astype(np.float64),
        *in_float64(network, points),
        l2=0.1,
        l1=0.01,
    )
    actual = engine.gradient(checkpoint, points, l1=0.01, l2=0.1)
    assert actual.dtype == np.float32
    np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-6)
