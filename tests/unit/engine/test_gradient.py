"""Gradients against central differences in float64."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnvisu import engine
from tests.unit.engine.cases import (
    ACTIVATIONS,
    DEPTHS,
    FEATURES,
    draw_checkpoint,
    draw_points,
    engine_gradient,
    in_float64,
    networks,
)
from tests.unit.engine.oracle import network as oracle


def relative_error(checkpoint: engine.Checkpoint, points: engine.Points, l2: float) -> float:
    """Return the largest deviation from the oracle, relative to the gradient's magnitude."""
    network = checkpoint.network
    expected = oracle.gradient(
        network.sizes,
        network.activation,
        checkpoint.parameters.astype(np.float64),
        *in_float64(network, points),
        l2,
    )
    actual = engine_gradient(checkpoint, points, l2)
    return float(np.linalg.norm(actual - expected) / np.linalg.norm(expected))


@pytest.mark.parametrize("l2", [0.0, 0.1])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("hidden_layers", DEPTHS, ids=len)
def test_gradients_match_the_oracle(
    hidden_layers: tuple[int, ...], activation: str, l2: float
) -> None:
    checkpoint = draw_checkpoint(engine.Network(hidden_layers, (0, 3, 7), activation), seed=1)
    assert relative_error(checkpoint, draw_points(37, (0, 3, 7)), l2) < 1e-4


@settings(max_examples=60, deadline=None)
@given(networks, st.integers(1, 600), st.integers(0, 2**32 - 1))
def test_gradients_of_any_network_match_the_oracle(
    network: engine.Network, n: int, seed: int
) -> None:
    checkpoint = draw_checkpoint(network, seed)
    points = draw_points(n, network.classes, seed)
    expected = oracle.forward(
        network.sizes,
        network.activation,
        checkpoint.parameters.astype(np.float64),
        in_float64(network, points)[0],
    )[-1]
    targets = in_float64(network, points)[1]
    share = oracle.probabilities(expected)
    share[targets, np.arange(n)] -= 1
    # The gradient by the output biases has a cheap closed form.
    biases = engine_gradient(checkpoint, points)[-len(network.classes) :]
    np.testing.assert_allclose(biases, share.mean(axis=1), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("width", [1, 2, 3, 5, 8, 13, 31])
def test_gradients_of_every_layer_and_block_size_match_the_oracle(width: int) -> None:
    """Sizes with every kind of remainder after division into tiles and vectors."""
    checkpoint = draw_checkpoint(engine.Network((width, width + 1), (0, 1)), seed=width)
    for n in (1, 15, 16, 17, 33, 256, 257, 300):
        assert relative_error(checkpoint, draw_points(n, (0, 1), seed=n), l2=0.0) < 1e-4


@pytest.mark.parametrize("count", range(1, 8))
@pytest.mark.parametrize("hidden_layers", [(), (5,)], ids=len)
def test_gradients_with_every_number_of_features_match_the_oracle(
    hidden_layers: tuple[int, ...], count: int
) -> None:
    for features in (FEATURES[:count], FEATURES[-count:]):
        network = engine.Network(hidden_layers, (0, 1, 2), features=features)
        assert relative_error(draw_checkpoint(network), draw_points(40, (0, 1, 2)), 0.0) < 1e-4
