"""A run of training: cut anywhere, with dropout, in batches, and when it diverges."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnvisu import engine
from tests.unit.engine_cases import OPTIMISERS, draw_checkpoint, draw_points, networks


def assert_equal_bits(actual: engine.Checkpoint, expected: engine.Checkpoint) -> None:
    assert actual.parameters.tobytes() == expected.parameters.tobytes()
    assert actual.optimiser.slots.tobytes() == expected.optimiser.slots.tobytes()
    assert (actual.step, actual.epoch, actual.seed) == (
        expected.step,
        expected.epoch,
        expected.seed,
    )
    assert actual.optimiser.steps == expected.optimiser.steps
    assert actual.network == expected.network


@st.composite
def runs(draw: Any) -> tuple[engine.Checkpoint, engine.Hyperparameters, engine.Points]:
    """Return any legal start, hyper-parameters and points."""
    network = draw(networks)
    n = draw(st.integers(1, 60))
    seed = draw(st.integers(0, 2**32 - 1))
    hyperparameters = engine.Hyperparameters(
        optimiser=draw(st.sampled_from(OPTIMISERS)),
        learning_rate=draw(st.floats(1e-4, 100)),
        batch_size=draw(st.none() | st.integers(1, n)),
        l2=draw(st.sampled_from([0.0, 0.01])),
        dropout=draw(st.sampled_from([0.0, 0.3, 0.9])),
        l1=draw(st.sampled_from([0.0, 0.01])),
        nesterov=draw(st.booleans()),
        clip_norm=draw(st.sampled_from([None, 0.1])),
        schedule=draw(st.sampled_from(["constant", "step", "cosine", "warm_up"])),
        schedule_epochs=3,
    )
    places = st.sampled_from([-1.0, -0.5, 0.0, 0.25, 1.0])
    many = st.lists(places, min_size=n, max_size=n)
    x, y = (np.array(draw(many), np.float32) for _ in range(2))
    labels = draw(st.lists(st.sampled_from(network.classes), min_size=n, max_size=n))
    points = engine.Points(x, y, np.array(labels, np.uint8))
    return engine.initialise(network, seed, hyperparameters.optimiser), hyperparameters, points


@settings(max_examples=150, deadline=None)
@given(runs(), st.lists(st.integers(1, 9), max_size=8), st.integers(0, 3))
def test_a_run_cut_anywhere_gives_the_same_bits(
    run: tuple[engine.Checkpoint, engine.Hyperparameters, engine.Points],
    slices: list[int],
    resumed_after: int,
) -> None:
    start, hyperparameters, points = run
    network = start.network
    whole = engine.Training(network, start, hyperparameters, points)
    done = whole.advance(5 * whole.steps_per_epoch)

    cut = engine.Training(network, start, hyperparameters, points)
    left = done
    for steps in slices:
        left -= cut.advance(min(steps, left))
        if cut.epoch == resumed_after and cut.step_in_epoch == 0 and cut.diverged is None:
            cut = engine.Training(network, cut.checkpoint(), hyperparameters, points)
    left -= cut.advance(left)

    assert left == 0
    assert_equal_bits(cut.checkpoint(), whole.checkpoint())
    assert cut.diverged == whole.diverged
    if whole.diverged is None:
        assert whole.epoch == 5


@settings(max_examples=150, deadline=None)
@given(runs())
def test_a_checkpoint_is_finite_or_divergence_is_labelled(
    run: tuple[engine.Checkpoint, engine.Hyperparameters, engine.Points],
) -> None:
    start, hyperparameters, points = run
    training = engine.Training(start.network, start, hyperparameters, points)
    steps = 20 * training.steps_per_epoch
    done = training.advance(steps)
    checkpoint = training.checkpoint()
    assert np.isfinite(checkpoint.parameters).all()
    assert np.isfinite(checkpoint.optimiser.slots).all()
    metrics = engine.evaluate(checkpoint, points)
    assert metrics is not None
    assert np.isfinite(metrics.loss)
    if training.diverged is None:
        assert done == steps
    else:
        assert training.advance(1) == 0
        assert done % training.steps_per_epoch == 0
        assert checkpoint.epoch == done // training.steps_per_epoch - 1


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("activation", ["tanh", "relu", "leaky_relu", "gelu"])
def test_divergence_keeps_the_last_finite_epoch_wherever_the_run_is_cut(
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
    """Finite weights are not enough: the loss on the checkpoint must be finite as well."""
    network = engine.Network((2, 2, 2), (0, 1), "relu")
    start = draw_checkpoint(network, 0, "sgd")
    hyperparameters = engine.Hyperparameters("sgd", 1e12)
    training = engine.Training(network, start, hyperparameters, draw_points(9, (0, 1)))
    training.advance(100)
    assert training.diverged == "the outputs left the finite range in epoch 1"


def test_dropout_is_off_wherever_something_is_measured() -> None:
    network = engine.Network((20,), (0, 1))
    start = engine.initialise(network, 0, "sgd")
    points = draw_points(50, (0, 1))
    # So small a rate that nothing is learned: all that dropout could change is the measuring.
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


def test_dropout_keeps_the_mean_and_has_the_variance_of_its_rate() -> None:
    """With one linear output layer on one dropped layer, an output's gradient is its mask.

    A hidden unit always at 1 (its bias saturates tanh) gives the gradient of its outgoing weight
    the mean over the samples of mask / (1 - rate), times a delta that all samples share.
    """
    rate, n, repeats = 0.3, 1000, 40
    network = engine.Network((1,), (0, 1))
    parameters = np.array([0, 0, 30, 0, 0, 0, 0], np.float32)
    optimiser = engine.Optimiser("adam", np.zeros(14, np.float32))
    middle = np.zeros(n, np.float32)
    points = engine.Points(middle, middle, np.zeros(n, np.uint8))
    hyperparameters = engine.Hyperparameters("adam", 1e-30, dropout=rate)
    means = []
    for seed in range(repeats):
        start = engine.Checkpoint(network, parameters, optimiser, 0, 0, seed)
        training = engine.Training(network, start, hyperparameters, points)
        training.advance(1)
        means.append(training.checkpoint().optimiser.slots[3] / 0.1 / -0.5)
    deviation = np.sqrt(rate / (1 - rate) / n)
    assert abs(np.mean(means) - 1) < 4 * deviation / np.sqrt(repeats)
    assert 0.6 * deviation < np.std(means) < 1.5 * deviation


def test_dropout_draws_anew_for_every_step_and_every_batch() -> None:
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


def test_mini_batches_are_shuffled_anew_every_epoch_and_full_batches_never() -> None:
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


def test_the_position_in_an_epoch_is_told() -> None:
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


def test_checkpoints_are_not_changed_by_going_on() -> None:
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


def test_it_learns_what_it_is_for() -> None:
    points = engine.generate("moons", 200, 2, 0.1, seed=0)
    network = engine.Network((10, 5), (0, 1))
    training = engine.Training(
        network, engine.initialise(network, 0), engine.Hyperparameters(), points
    )
    training.advance(500)
    metrics = engine.evaluate(training.checkpoint(), points)
    assert metrics is not None
    assert (metrics.accuracy or 0) >= 0.97
