"""200 steps of every optimiser, against the oracle in float64."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nnvisu import engine
from nnvisu.engine.random_numbers import Purpose, random_bits
from tests.unit.engine.cases import (
    DEPTHS,
    OPTIMISERS,
    draw_checkpoint,
    draw_points,
    in_float64,
)
from tests.unit.engine.oracle import network as oracle
from tests.unit.engine.oracle import optimisers

STEPS = 200
# Few enough steps that rounding errors do not grow. Deep networks leave their first plateau at a
# time that depends on the last digit, and RMSprop and Adam divide by numbers that become tiny: with
# Adam at 0.01, PyTorch's result in float32 differs from float64 by 15 % of the distance travelled.
LEARNING_RATES = {
    "sgd": 0.02,
    "momentum": 0.002,
    "nesterov": 0.002,
    "rmsprop": 0.0002,
    "adam": 0.001,
    "adamw": 0.001,
}
REGULARISERS: dict[str, dict[str, Any]] = {
    "none": {},
    "l1": {"l1": 0.001},
    "l2": {"l2": 0.01},
    "clip_norm": {"clip_norm": 0.05},
}


def hyperparameters_of(optimiser: str, regulariser: str) -> engine.Hyperparameters:
    """Return the hyperparameters by name; nesterov is momentum with nesterov=True."""
    start = engine.Hyperparameters(
        optimiser="momentum" if optimiser == "nesterov" else optimiser,
        learning_rate=LEARNING_RATES[optimiser],
        nesterov=optimiser == "nesterov",
        weight_decay=0.1,
    )
    return replace(start, **REGULARISERS[regulariser])


@pytest.mark.parametrize("regulariser", sorted(REGULARISERS))
@pytest.mark.parametrize("optimiser", sorted(optimisers.OPTIMISERS))
@pytest.mark.parametrize("hidden_layers", DEPTHS, ids=len)
def test_200_steps_match_the_oracle(
    hidden_layers: tuple[int, ...], optimiser: str, regulariser: str
) -> None:
    hyperparameters = hyperparameters_of(optimiser, regulariser)
    network = engine.Network(hidden_layers, (0, 1, 2))
    points = engine.generate("blobs", 31, 3, 0.3, seed=4)
    start = draw_checkpoint(network, 2, hyperparameters.optimiser)
    training = engine.Training(network, start, hyperparameters, points)
    training.advance(STEPS)

    expected = oracle_steps(start, hyperparameters, optimiser, points)
    actual = training.checkpoint().parameters
    moved = np.linalg.norm(expected - start.parameters)
    assert np.linalg.norm(actual - expected) < 1e-3 * moved


def oracle_steps(
    start: engine.Checkpoint,
    hyperparameters: engine.Hyperparameters,
    optimiser: str,
    points: engine.Points,
    learning_rates: Sequence[float] = (),
) -> oracle.Array:
    """Return the parameters after `STEPS`, or after one step for each learning rate given."""
    network = start.network
    inputs, targets = in_float64(network, points)
    parameters = start.parameters.astype(np.float64)
    weights = oracle.is_weight(network.sizes)
    step = optimisers.OPTIMISERS[optimiser](1.0)
    for rate in learning_rates or [hyperparameters.learning_rate] * STEPS:
        slope = oracle.gradient(
            network.sizes,
            network.activation,
            parameters,
            inputs,
            targets,
            hyperparameters.l2,
            hyperparameters.l1,
        )
        norm = np.linalg.norm(slope)
        if hyperparameters.clip_norm is not None and norm > hyperparameters.clip_norm:
            slope *= hyperparameters.clip_norm / norm
        decay = hyperparameters.weight_decay if optimiser == "adamw" else 0.0
        change = step(parameters, slope) - parameters
        parameters = parameters - rate * decay * weights * parameters + rate * change
    return parameters


@pytest.mark.parametrize(
    ("schedule", "rate"),
    [
        ("constant", lambda _: 1.0),
        ("step", lambda epoch: 0.5 ** (epoch // 20)),
        ("cosine", lambda epoch: (1 + np.cos(np.pi * min(epoch / 20, 1))) / 2),
        ("warm_up", lambda epoch: min((epoch + 1) / 20, 1)),
    ],
)
@pytest.mark.parametrize("optimiser", ["sgd", "adamw"])
def test_schedules_set_the_learning_rate_of_every_epoch(
    optimiser: str, schedule: str, rate: Callable[[int], float]
) -> None:
    """Starts at epoch 7, as a resumed run does: schedules count the checkpoint's epochs."""
    hyperparameters = replace(
        hyperparameters_of(optimiser, "none"), schedule=schedule, schedule_epochs=20
    )
    network = engine.Network((4,), (0, 1, 2))
    points = engine.generate("blobs", 31, 3, 0.3, seed=4)
    start = replace(draw_checkpoint(network, 2, optimiser), epoch=7, step=7)
    training = engine.Training(network, start, hyperparameters, points)
    training.advance(60)
    rates = [hyperparameters.learning_rate * rate(epoch) for epoch in range(7, 67)]
    expected = oracle_steps(start, hyperparameters, optimiser, points, rates)
    moved = np.linalg.norm(expected - start.parameters)
    assert np.linalg.norm(training.checkpoint().parameters - expected) < 1e-3 * moved


def test_l1_lets_a_weight_cross_zero_and_return() -> None:
    """The penalty alone moves a weight to zero; at zero the gradient of the data still moves it."""
    network = engine.Network((), (0, 1))
    points = engine.generate("blobs", 50, 2, 0.1, seed=0)
    start = draw_checkpoint(network, 0, "sgd")
    strong = engine.Training(network, start, engine.Hyperparameters("sgd", 0.01, l1=10.0), points)
    strong.advance(500)
    near_zero = strong.checkpoint()
    assert np.abs(near_zero.parameters[:4]).max() <= 0.11
    exactly_zero = replace(near_zero, parameters=np.zeros_like(near_zero.parameters))
    free = engine.Training(
        network, exactly_zero, engine.Hyperparameters("sgd", 0.1, l1=0.01), points
    )
    free.advance(200)
    assert np.abs(free.checkpoint().parameters[:4]).max() > 0.5


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_the_gradient_of_a_batch_averages_over_its_own_points(optimiser: str) -> None:
    """Seven points in batches of three: the last batch averages over one."""
    network = engine.Network((4,), (0, 1))
    points = draw_points(7, (0, 1))
    start = draw_checkpoint(network, 3, optimiser)
    training = engine.Training(
        network,
        start,
        engine.Hyperparameters(optimiser, 0.05, batch_size=3, weight_decay=0.0),
        points,
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
    """Return the order of an epoch: a Fisher-Yates shuffle with Threefry's random numbers."""
    numbers = np.arange(n, dtype=np.uint32)
    words = random_bits(seed, Purpose.SHUFFLE, numbers, np.full_like(numbers, epoch))[0]
    order = list(range(n))
    for i in range(n - 1, 0, -1):
        j = int(words[i]) * (i + 1) >> 32
        order[i], order[j] = order[j], order[i]
    return order


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_a_change_of_optimiser_during_a_run_resets_its_slots(optimiser: str) -> None:
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
