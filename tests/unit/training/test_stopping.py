"""Stop conditions, and the epoch in which they end a training."""

from math import inf
from typing import Any

import msgspec
import numpy as np
import pytest

from nnvisu import engine
from nnvisu.model import choices
from nnvisu.training.conversion import checkpoint_of, points_of
from nnvisu.wire import messages
from nnvisu.wire.messages import (
    Budget,
    Data,
    Frame,
    Hyperparameters,
)
from tests.support.requests import (
    NETWORK,
    a_checkpoint,
    a_train,
    some_points,
    trained,
)
from tests.unit.training.conftest import SessionDriver


def losses(train: messages.Train, epochs: int) -> tuple[list[float], list[float]]:
    """Compute the training and test losses after each epoch, without a session."""
    found: tuple[list[float], list[float]] = ([], [])
    for epoch in range(1, epochs + 1):
        checkpoint = checkpoint_of(trained(train, epoch), "checkpoint")
        for part, points in zip(found, (train.data.training, train.data.test), strict=True):
            metrics = engine.evaluate(checkpoint, points_of(points, "points"))
            assert metrics is not None
            part.append(metrics.loss)
    return found


def with_conditions(**conditions: Any) -> messages.Train:
    return a_train(
        data=Data(some_points(40), some_points(15, seed=7)),
        hyperparameters=Hyperparameters("sgd", learning_rate=3.0, batch_size=16),
        budget=Budget(epochs=1000),
        stop_conditions=messages.StopConditions(**conditions),
    )


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
@pytest.mark.parametrize("stopped", [True, False])
def test_non_finite_metrics_are_null(
    driver: SessionDriver, activation: choices.Activation, *, stopped: bool
) -> None:
    network = msgspec.structs.replace(NETWORK, activation=activation)
    checkpoint = a_checkpoint(network)
    largest = np.full(len(checkpoint.parameters) // 4, 3e38, "<f4").tobytes()
    checkpoint = msgspec.structs.replace(checkpoint, parameters=largest)
    train = a_train(network=network, checkpoint=checkpoint, statistics=True)
    training = driver.session(train)
    if stopped:
        training.end("stopped")
    *_, last = driver.run(training)
    assert last.ended == ("stopped" if stopped else "diverged")
    assert last.training.loss is None
    assert [layer.gradient_norm for layer in last.layers] == [None] * 3
    assert msgspec.json.decode(msgspec.json.encode(last), type=Frame) == last


def test_training_ends_in_the_epoch_in_which_the_loss_falls_below(driver: SessionDriver) -> None:
    training, _ = losses(with_conditions(), 30)
    bound = sorted(training)[10]
    epoch = next(epoch for epoch, loss in enumerate(training, 1) if loss < bound)
    train = with_conditions(loss=bound)
    for slice_s in (1e-9, 1.0):
        session = driver.session(train)
        while not session.over:
            last = session.advance(slice_s)
        assert last is not None
        assert (last.ended, last.checkpoint) == ("target", trained(train, epoch))
        assert last.reason == f"the training loss fell below {bound:g} in epoch {epoch}"


@pytest.mark.parametrize("cut", [1000, 3, 1])
def test_training_ends_when_the_test_loss_has_not_improved_for_the_patience(
    driver: SessionDriver, cut: int
) -> None:
    _, test = losses(with_conditions(), 40)
    patience = 4
    best = min(
        epoch
        for epoch in range(1, 37)
        if test[epoch - 1] < min(test[: epoch - 1], default=inf)
        and min(test[epoch : epoch + patience]) >= test[epoch - 1]
    )
    train = with_conditions(patience=patience)
    while True:
        *_, last = driver.run(
            driver.session(msgspec.structs.replace(train, budget=Budget(epochs=cut)))
        )
        if last.ended == "target":
            break
        assert last.progress is not None
        train = msgspec.structs.replace(train, checkpoint=last.checkpoint, progress=last.progress)
    assert last.checkpoint.epoch == best + patience
    assert last.progress is not None
    assert (last.progress.best_loss, last.progress.best_epoch) == (test[best - 1], best)
    assert last.reason is not None
    assert f"not been better for {patience} epochs" in last.reason


def test_training_ends_at_an_epoch_and_at_once_if_it_is_past(driver: SessionDriver) -> None:
    train = with_conditions(epoch=7)
    *_, last = driver.run(driver.session(train))
    assert (last.ended, last.checkpoint.epoch) == ("target", 7)
    assert last.reason == "epoch 7 has been reached"
    *_, last = driver.run(
        driver.session(msgspec.structs.replace(train, checkpoint=last.checkpoint))
    )
    assert (last.ended, last.checkpoint.epoch) == ("target", 7)


def test_the_time_limit_is_counted_over_several_requests(driver: SessionDriver) -> None:
    train = with_conditions(seconds=0.5)
    first = msgspec.structs.replace(train, budget=Budget(seconds=0.2))
    *_, last = driver.run(driver.session(first))
    assert last.ended == "budget"
    assert last.progress is not None
    assert last.progress.seconds == pytest.approx(0.2, abs=0.003)
    begun_s = driver.now_s
    second = msgspec.structs.replace(train, progress=last.progress, budget=Budget())
    *_, last = driver.run(driver.session(second))
    assert (last.ended, last.reason) == ("target", "0.5 s of training are over")
    assert driver.now_s == pytest.approx(begun_s + 0.3, abs=0.005)


def test_without_stop_conditions_frames_have_no_progress(driver: SessionDriver) -> None:
    assert all(frame.progress is None for frame in driver.run(driver.session(a_train())))
