"""Shared by the engine's tests: random networks, gradients, and strategies for valid cases."""

from typing import Any, get_args

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from nnvisu import engine
from nnvisu.model import choices
from tests.unit.engine.oracle.network import Array

DEPTHS: list[tuple[int, ...]] = [(), (7,), (10, 5), (6, 5, 4, 6, 5, 4, 6, 5, 4, 6)]
"""Hidden layers: none, 1, 2 and 10."""
ACTIVATIONS: tuple[str, ...] = get_args(choices.Activation)
FEATURES: tuple[str, ...] = get_args(choices.Feature)
OPTIMISERS: tuple[str, ...] = get_args(choices.OptimiserName)


def draw_checkpoint(
    network: engine.Network, seed: int = 0, optimiser: str = "adam"
) -> engine.Checkpoint:
    """Return a checkpoint with random biases too: zero biases could hide an error."""
    start = engine.initialise(network, seed, optimiser)
    draws = np.random.default_rng(seed).normal(0, 0.1, len(start.parameters))
    parameters = start.parameters + draws.astype(np.float32)
    return engine.Checkpoint(network, parameters, start.optimiser, 0, 0, seed)


def draw_points(n: int, classes: tuple[int, ...], seed: int = 0) -> engine.Points:
    """Return random points in the square with random labels."""
    generator = np.random.default_rng(seed)
    x, y = generator.uniform(-1, 1, (2, n)).astype(np.float32)
    return engine.Points(x, y, generator.choice(classes, n).astype(np.uint8))


def in_float64(network: engine.Network, points: engine.Points) -> tuple[Array, NDArray[Any]]:
    """Return the points in the oracle's form: inputs (features, n) and targets (n,).

    Targets are output units, or for regression the values.
    """
    x, y = points.x.astype(np.float64), points.y.astype(np.float64)
    seen = {
        "x": x,
        "y": y,
        "x_squared": x**2,
        "y_squared": y**2,
        "x_times_y": x * y,
        "sin_x": np.sin(np.pi * x),
        "sin_y": np.sin(np.pi * y),
    }
    inputs = np.stack([seen[name] for name in network.features])
    if network.is_regression:
        assert points.value is not None
        return inputs, points.value.astype(np.float64)
    return inputs, np.searchsorted(network.classes, points.label)


def engine_gradient(
    checkpoint: engine.Checkpoint,
    points: engine.Points,
    l2: float = 0.0,
    batch_size: int | None = None,
) -> Array:
    """Return the gradient of one update, derived from Adam's first moments after it."""
    hyperparameters = engine.Hyperparameters("adam", 0.01, batch_size, l2)
    training = engine.Training(checkpoint.network, checkpoint, hyperparameters, points)
    training.advance(1)
    moments = training.checkpoint().optimiser.slots[: len(checkpoint.parameters)]
    return moments.astype(np.float64) / 0.1


def assert_equal_bits(actual: engine.Checkpoint, expected: engine.Checkpoint) -> None:
    """Assert that two checkpoints are equal bit for bit."""
    assert actual.parameters.tobytes() == expected.parameters.tobytes()
    assert actual.optimiser.slots.tobytes() == expected.optimiser.slots.tobytes()
    assert (actual.step, actual.epoch, actual.seed) == (
        expected.step,
        expected.epoch,
        expected.seed,
    )
    assert actual.optimiser.steps == expected.optimiser.steps
    assert actual.network == expected.network


networks = st.builds(
    engine.Network,
    hidden_layers=st.lists(st.integers(1, 20), max_size=10).map(tuple),
    classes=st.sets(st.integers(0, 9), min_size=2, max_size=10).map(lambda s: tuple(sorted(s))),
    activation=st.sampled_from(ACTIVATIONS),
    features=st.sets(st.sampled_from(FEATURES), min_size=1).map(
        lambda names: tuple(name for name in FEATURES if name in names)
    ),
    initialiser=st.sampled_from(["glorot_uniform", "he_normal", "small_normal"]),
)
