"""Regression networks: gradients, metrics, and the surfaces they learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnvisu import engine
from nnvisu.engine.surfaces import EDGE, SURFACES
from tests.unit.engine.cases import (
    ACTIVATIONS,
    DEPTHS,
    draw_checkpoint,
    draw_points,
    engine_gradient,
    in_float64,
)
from tests.unit.engine.oracle import network as oracle


def predictions(checkpoint: engine.Checkpoint, points: engine.Points) -> oracle.Array:
    network = checkpoint.network
    parameters = checkpoint.parameters.astype(np.float64)
    inputs, _ = in_float64(network, points)
    said: oracle.Array = oracle.forward(network.sizes, network.activation, parameters, inputs)[-1][
        0
    ]
    return said


def values_of(points: engine.Points) -> oracle.Array:
    assert points.value is not None
    return points.value.astype(np.float64)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("hidden_layers", DEPTHS, ids=len)
def test_gradients_of_the_squared_error_match_the_oracle(
    hidden_layers: tuple[int, ...], activation: str
) -> None:
    network = engine.Network(hidden_layers, (), activation)
    checkpoint = draw_checkpoint(network, seed=1)
    points = engine.generate_surface("multi_gauss", 270, 0.1, seed=2)
    inputs, _ = in_float64(network, points)
    parameters = checkpoint.parameters.astype(np.float64)
    expected = oracle.gradient(network.sizes, activation, parameters, inputs, values_of(points))
    actual = engine_gradient(checkpoint, points)
    assert np.linalg.norm(actual - expected) < 1e-4 * np.linalg.norm(expected)


@pytest.mark.parametrize("n", [1, 17, 300])
def test_metrics_are_the_mean_squared_error_and_r2(n: int) -> None:
    checkpoint = draw_checkpoint(engine.Network((5,), ()))
    points = engine.generate_surface("plane", n, 0.1, seed=2)
    values, said = values_of(points), predictions(checkpoint, points)
    metrics = engine.evaluate(checkpoint, points)
    assert metrics is not None
    assert metrics.loss == pytest.approx(((values - said) ** 2).mean(), rel=1e-5)
    assert metrics.accuracy is None
    assert metrics.confusion is None
    if n == 1:
        assert metrics.r2 is None
    else:
        assert metrics.r2 == pytest.approx(1 - metrics.loss / values.var(), rel=1e-5)
    actual = engine.predict(checkpoint, points.x, points.y)
    np.testing.assert_allclose(actual, said[None], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("surface", "r2"), [("plane", 0.99), ("multi_gauss", 0.9)])
def test_surfaces_are_learned(surface: str, r2: float) -> None:
    points = engine.generate_surface(surface, 300, 0.0, seed=0)
    network = engine.Network((16, 16), ())
    training = engine.Training(
        network, engine.initialise(network, 0), engine.Hyperparameters(), points
    )
    training.advance(2000)
    metrics = engine.evaluate(training.checkpoint(), points)
    assert metrics is not None
    assert metrics.r2 is not None
    assert metrics.r2 > r2


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(sorted(SURFACES)),
    st.integers(1, 1000),
    st.floats(0, 1),
    st.integers(0, 2**32 - 1),
)
def test_surfaces_are_seeded_and_inside_the_square(
    surface: str, samples: int, noise: float, seed: int
) -> None:
    points = engine.generate_surface(surface, samples, noise, seed)
    assert len(points) == samples
    assert max(np.abs(points.x).max(), np.abs(points.y).max()) <= EDGE
    assert np.abs(values_of(points)).max() <= 1.3 + 2.5 * noise
    again = engine.generate_surface(surface, samples, noise, seed)
    np.testing.assert_array_equal(values_of(points), values_of(again))


def test_regression_without_values_is_refused() -> None:
    checkpoint = draw_checkpoint(engine.Network((3,), ()))
    with pytest.raises(ValueError, match="a value for each point"):
        engine.evaluate(checkpoint, draw_points(5, (0,)))


def test_output_weights_are_not_kept_when_regression_becomes_classification() -> None:
    """The hidden layers' weights are kept."""
    old = draw_checkpoint(engine.Network((3,), ()))
    new = engine.initialise(engine.Network((3,), (0, 1)), 7, keep=old)
    fresh = engine.initialise(engine.Network((3,), (0, 1)), 7)
    np.testing.assert_array_equal(new.parameters[:9], old.parameters[:9])
    np.testing.assert_array_equal(new.parameters[9:], fresh.parameters[9:])
