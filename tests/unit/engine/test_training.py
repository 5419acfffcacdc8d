"""Training runs: dropout, batches and divergence."""

import numpy as np
import pytest

from nnvisu import engine
from tests.unit.engine.cases import (
    OPTIMISERS,
    assert_equal_bits,
    draw_checkpoint,
    draw_points,
)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("activation", ["tanh", "relu", "leaky_relu", "gelu"])
def test_divergence_keeps_the_last_finite_epoch_for_any_slice_length(
    optimiser: str, activation: str
) -> None:
    """A learning rate so large that the weights themselves overflow after a few epochs."""
    network = engine.Network((5, 4), (0, 1), activation)
    start = engine.initialise(network, 1, optimiser)
    points = draw_points(40, (0, 1))
    hyperparameters = engine.Hyperparameters(optimiser, 1e19, batch_size=16, l2=1e9)
    whole = engine.Training(network, start, hyperparameters, points)
    whole.advance(10_000)
    assert whole.diverged is not None
    assert f"left the finite range in epoch {whole.checkpoint().epoch + 1}" in whole.diverged
    assert whole.checkpoint().step == 3 * whole.checkpoint().epoch

    cut = engine.Training(network, start, hyperparameters, points)
    while cut.diverged is None:
        cut.advance(1)
    assert cut.diverged == whole.diverged
    assert_equal_bits(cut.checkpoint(), whole.checkpoint())


def test_weights_whose_outputs_could_overflow_have_diverged() -> None:
    """Finite weights are not enough: the checkpoint's loss must be finite as well."""
    network = engine.Network((2, 2, 2), (0, 1), "relu")
    start = draw_checkpoint(network, 0, "sgd")
    hyperparameters = engine.Hyperparameters("sgd", 1e12)
    training = engine.Training(network, start, hyperparameters, draw_points(9, (0, 1)))
    training.advance(100)
    assert training.diverged == "the outputs left the finite range in epoch 1"


def test_a_value_whose_square_could_overflow_has_diverged() -> None:
    network = engine.Network((), ())
    start = draw_checkpoint(network, 0, "sgd")
    points = engine.generate_surface("plane", 9, 0.1, seed=0)
    training = engine.Training(network, start, engine.Hyperparameters("sgd", 1e20), points)
    training.advance(100)
    assert training.diverged == "the outputs left the finite range in epoch 1"


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_training_resumes_within_an_epoch(optimiser: str) -> None:
    network = engine.Network((5,), (0, 1))
    start = engine.initialise(network, 1, optimiser)
    points = draw_points(40, (0, 1))
    hyperparameters = engine.Hyperparameters(optimiser, 0.01, batch_size=16, dropout=0.2)
    whole = engine.Training(network, start, hyperparameters, points)
    whole.advance(9)
    for first in range(1, 9):
        training = engine.Training(network, start, hyperparameters, points)
        training.advance(first)
        training.keep()
        middle = training.checkpoint()
        assert (middle.step, middle.epoch, middle.position) == (first, first // 3, first % 3)
        rest = engine.Training(network, middle, hyperparameters, points)
        rest.advance(1)
        rest.advance(8 - first)
        assert_equal_bits(rest.checkpoint(), whole.checkpoint())


def test_a_state_within_an_epoch_is_left_alone_until_the_next_one_ends() -> None:
    network = engine.Network((5,), (0, 1))
    points = draw_points(40, (0, 1))
    hyperparameters = engine.Hyperparameters("adam", 0.01, batch_size=16)
    training = engine.Training(network, engine.initialise(network, 1), hyperparameters, points)
    training.advance(2)
    training.keep()
    middle = training.checkpoint()
    rest = engine.Training(network, middle, hyperparameters, points)
    assert_equal_bits(rest.checkpoint(), middle)
    rest.advance(3)
    assert (rest.checkpoint().epoch, rest.checkpoint().step) == (1, 3)


def test_a_position_beyond_the_epoch_begins_the_next_one() -> None:
    network = engine.Network((5,), (0, 1))
    points = draw_points(40, (0, 1))
    start = engine.initialise(network, 1)
    small = engine.Training(network, start, engine.Hyperparameters(batch_size=10), points)
    small.advance(3)
    small.keep()
    large = engine.Hyperparameters(batch_size=20)
    training = engine.Training(network, small.checkpoint(), large, points)
    training.advance(2)
    checkpoint = training.checkpoint()
    assert (checkpoint.epoch, checkpoint.position, checkpoint.step) == (2, 0, 5)


def test_dropout_is_off_in_metrics() -> None:
    network = engine.Network((20,), (0, 1))
    start = engine.initialise(network, 0, "sgd")
    points = draw_points(50, (0, 1))
    # With this small learning rate, dropout could only change the metrics.
    training = engine.Training(
        network, start, engine.Hyperparameters("sgd", 1e-30, dropout=0.9), points
    )
    training.advance(3)
    before, after = (engine.evaluate(each, points) for each in (start, training.checkpoint()))
    assert before is not None
    assert after is not None
    assert (after.loss, after.accuracy) == (before.loss, before.accuracy)
    np.testing.assert_array_equal(
        engine.predict(training.checkpoint(), points.x, points.y),
        engine.predict(start, points.x, points.y),
    )


@pytest.mark.parametrize("n", [1, 300])
@pytest.mark.parametrize("rate", [0.1, 0.3, 0.9])
def test_dropout_keeps_the_mean_and_has_the_variance_of_its_rate(rate: float, n: int) -> None:
    """Each unit's mean mask over n points, by z-tests of the mean and the variance.

    The units are always 1 (their biases saturate tanh) and the outputs stay 0, so the gradient of
    an outgoing weight is -1/2 of the mean over the points of mask / (1 - rate).
    """
    units, repeats = 100, 40
    network = engine.Network((units,), (0, 1))
    parameters = np.zeros(network.parameter_count, np.float32)
    parameters[2 * units : 3 * units] = 30
    outgoing = slice(3 * units, 4 * units)
    optimiser = engine.Optimiser("adam", np.zeros(2 * len(parameters), np.float32))
    middle = np.zeros(n, np.float32)
    points = engine.Points(middle, middle, np.zeros(n, np.uint8))
    hyperparameters = engine.Hyperparameters("adam", 1e-30, dropout=rate)
    rows = []
    for seed in range(repeats):
        start = engine.Checkpoint(network, parameters, optimiser, 0, 0, seed)
        training = engine.Training(network, start, hyperparameters, points)
        training.advance(1)
        rows.append(training.checkpoint().optimiser.slots[outgoing] / 0.1 / -0.5)
    masks = np.concatenate(rows).astype(np.float64)
    if n == 1:
        kept = 1 / (1 - rate)
        assert np.minimum(np.abs(masks), np.abs(masks - kept)).max() < 1e-5 * kept
    variance = rate / (1 - rate) / n
    assert abs(masks.mean() - 1) < 4 * np.sqrt(variance / masks.size)
    # The variance of a square of such a mask, from Bernoulli's fourth moment.
    fourth = variance**2 * (3 + (1 / (rate * (1 - rate)) - 6) / n)
    deviation = np.sqrt((fourth - variance**2) / masks.size)
    assert abs(((masks - 1) ** 2).mean() - variance) < 4 * deviation


def test_dropout_draws_a_new_mask_for_every_step_and_batch() -> None:
    network = engine.Network((8,), (0, 1))
    points = draw_points(16, (0, 1))
    start = draw_checkpoint(network)
    gradients = []
    for step in range(4):
        here = engine.Checkpoint(network, start.parameters, start.optimiser, step, 0, start.seed)
        training = engine.Training(
            network, here, engine.Hyperparameters("adam", 1e-30, dropout=0.5), points
        )
        training.advance(1)
        gradients.append(training.checkpoint().optimiser.slots.tobytes())
    assert len(set(gradients)) == 4


def test_mini_batches_are_shuffled_every_epoch_and_full_batches_never() -> None:
    network = engine.Network((3,), (0, 1))
    points = draw_points(12, (0, 1))

    def after_one_epoch(epoch: int, batch_size: int | None) -> bytes:
        start = draw_checkpoint(network, 0, "sgd")
        start = engine.Checkpoint(network, start.parameters, start.optimiser, 0, epoch, 0)
        training = engine.Training(
            network, start, engine.Hyperparameters("sgd", 0.1, batch_size), points
        )
        training.advance(training.steps_per_epoch)
        return training.checkpoint().parameters.tobytes()

    assert after_one_epoch(0, 4) != after_one_epoch(1, 4)
    assert after_one_epoch(0, None) == after_one_epoch(1, None) == after_one_epoch(0, 12)


def test_training_reports_its_position_in_the_epoch() -> None:
    network = engine.Network((3,), (0, 1))
    start = engine.initialise(network, 0)
    training = engine.Training(
        network, start, engine.Hyperparameters(batch_size=4), draw_points(10, (0, 1))
    )
    assert training.steps_per_epoch == 3
    seen = []
    for _ in range(4):
        assert training.advance(1) == 1
        seen.append((training.epoch, training.step_in_epoch, training.checkpoint().step))
    assert seen == [(0, 1, 0), (0, 2, 0), (1, 0, 3), (1, 1, 3)]


def test_further_training_does_not_change_earlier_checkpoints() -> None:
    network = engine.Network((3,), (0, 1))
    start = engine.initialise(network, 0)
    before = start.parameters.tobytes()
    training = engine.Training(network, start, engine.Hyperparameters(), draw_points(10, (0, 1)))
    training.advance(1)
    kept = training.checkpoint()
    bits = kept.parameters.tobytes(), kept.optimiser.slots.tobytes()
    training.advance(5)
    assert (kept.parameters.tobytes(), kept.optimiser.slots.tobytes()) == bits
    assert start.parameters.tobytes() == before


def test_training_without_points_is_refused() -> None:
    network = engine.Network((), (0, 1))
    start = engine.initialise(network, 0)
    with pytest.raises(ValueError, match="at least one point"):
        engine.Training(network, start, engine.Hyperparameters(), draw_points(0, (0, 1)))


def test_default_settings_learn_two_moons() -> None:
    points = engine.generate("moons", 200, 2, 0.1, seed=0)
    network = engine.Network((10, 5), (0, 1))
    training = engine.Training(
        network, engine.initialise(network, 0), engine.Hyperparameters(), points
    )
    training.advance(500)
    metrics = engine.evaluate(training.checkpoint(), points)
    assert metrics is not None
    assert (metrics.accuracy or 0) >= 0.97
