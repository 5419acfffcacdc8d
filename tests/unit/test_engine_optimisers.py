"""Two hundred steps of every optimiser, against the same in float64."""

import numpy as np
import pytest

from nnvisu import engine
from nnvisu.engine.threefry import Purpose, random_bits
from tests.unit.engine_cases import (
    DEPTHS,
    OPTIMISERS,
    draw_checkpoint,
    draw_points,
    in_float64,
)
from tests.unit.oracle import network as oracle
from tests.unit.oracle import optimisers

STEPS = 200
# Short of where small differences grow by themselves: deep networks leave their first plateau at
# a time that hangs on the last digit, and RMSprop divides by what has become nearly nothing.
LEARNING_RATES = {"sgd": 0.02, "rmsprop": 0.0005, "adam": 0.01}


@pytest.mark.parametrize("l2", [0.0, 0.01])
@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("hidden_layers", DEPTHS, ids=len)
def test_two_hundred_steps_end_where_the_oracle_s_do(
    hidden_layers: tuple[int, ...], optimiser: str, l2: float
) -> None:
    network = engine.Network(hidden_layers, (0, 1, 2))
    points = engine.generate("blobs", 31, 3, 0.3, seed=4)
    start = draw_checkpoint(network, 2, optimiser)
    learning_rate = LEARNING_RATES[optimiser]
    hyperparameters = engine.Hyperparameters(optimiser, learning_rate, None, l2)
    training = engine.Training(network, start, hyperparameters, points)
    training.advance(STEPS)

    expected = start.parameters.astype(np.float64)
    step = optimisers.OPTIMISERS[optimiser](learning_rate)
    inputs, targets = in_float64(network, points)
    for _ in range(STEPS):
        slope = oracle.gradient(network.sizes, "tanh", expected, inputs, targets, l2)
        expected = step(expected, slope)

    actual = training.checkpoint().parameters
    moved = np.linalg.norm(expected - start.parameters)
    assert np.linalg.norm(actual - expected) < 1e-3 * moved
    loss = oracle.objective(network.sizes, "tanh", expected, inputs, targets)
    metrics = engine.evaluate(training.checkpoint(), points)
    assert metrics is not None
    assert metrics.loss == pytest.approx(loss, rel=1e-3)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_a_batch_counts_its_own_points_only(optimiser: str) -> None:
    """Seven points in batches of three: the last batch averages over one."""
    network = engine.Network((4,), (0, 1))
    points = draw_points(7, (0, 1))
    start = draw_checkpoint(network, 3, optimiser)
    training = engine.Training(
        network, start, engine.Hyperparameters(optimiser, 0.05, batch_size=3), points
    )
    assert training.steps_per_epoch == 3
    training.advance(3)

    inputs, targets = in_float64(network, points)
    order = epoch_order(7, start.seed, epoch=0)
    expected = start.parameters.astype(np.float64)
    step = optimisers.OPTIMISERS[optimiser](0.05)
    for batch in (order[:3], order[3:6], order[6:]):
        slope = oracle.gradient(network.sizes, "tanh", expected, inputs[:, batch], targets[batch])
        expected = step(expected, slope)
    np.testing.assert_allclose(training.checkpoint().parameters, expected, rtol=1e-4, atol=1e-5)


def epoch_order(n: int, seed: int, epoch: int) -> list[int]:
    """Return the order of an epoch: Fisher and Yates' shuffle on Threefry's numbers."""
    numbers = np.arange(n, dtype=np.uint32)
    words = random_bits(seed, Purpose.SHUFFLE, numbers, np.full_like(numbers, epoch))[0]
    order = list(range(n))
    for i in range(n - 1, 0, -1):
        j = int(words[i]) * (i + 1) >> 32
        order[i], order[j] = order[j], order[i]
    return order


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_a_change_of_optimiser_in_mid_run_starts_afresh(optimiser: str) -> None:
    network = engine.Network((3,), (0, 1))
    points = draw_points(20, (0, 1))
    before = engine.initialise(network, 0, "adam" if optimiser != "adam" else "sgd")
    training = engine.Training(
        network, before, engine.Hyperparameters(before.optimiser.name, 0.01), points
    )
    training.advance(50)
    middle = training.checkpoint()
    changed = engine.Training(network, middle, engine.Hyperparameters(optimiser, 0.01), points)
    assert changed.checkpoint().optimiser.steps == 0
    changed.advance(10)

    fresh = engine.Checkpoint(
        network, middle.parameters, engine.initialise(network, 0, optimiser).optimiser, 0, 0, 0
    )
    alone = engine.Training(network, fresh, engine.Hyperparameters(optimiser, 0.01), points)
    alone.advance(10)
    np.testing.assert_array_equal(changed.checkpoint().parameters, alone.checkpoint().parameters)
    assert changed.checkpoint().step == 60
    assert changed.checkpoint().optimiser.steps == 10
