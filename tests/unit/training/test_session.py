"""A training session, run step by step with a manual clock."""

import dataclasses
from math import inf, nan
from typing import Any

import msgspec
import numpy as np
import pytest

from nnvisu import engine
from nnvisu.model import choices
from nnvisu.training import answers
from nnvisu.training.conversion import checkpoint_of, points_of
from nnvisu.training.session import Session
from nnvisu.wire import messages
from nnvisu.wire.messages import (
    Budget,
    Data,
    Error,
    Hyperparameters,
    Network,
    Points,
    ProtocolError,
)
from tests.support.requests import (
    NETWORK,
    a_checkpoint,
    a_train,
    floats,
    some_points,
    trained,
    with_parameters,
)
from tests.unit.training.conftest import SLICE_S, STEP_S, SessionDriver


def test_a_budget_of_epochs_is_met_exactly(driver: SessionDriver) -> None:
    train = a_train(budget=Budget(epochs=7))
    *_, last = driver.run(driver.session(train))
    assert (last.ended, last.checkpoint.epoch) == ("budget", 7)
    assert last.checkpoint == trained(train, 7)


@pytest.mark.parametrize("batch_size", [None, 7, 1])
def test_single_updates_lead_to_the_bits_of_whole_epochs(
    driver: SessionDriver, batch_size: int | None
) -> None:
    hyperparameters = Hyperparameters(batch_size=batch_size, dropout=0.2, l2=0.001)
    train = a_train(hyperparameters=hyperparameters, budget=Budget(updates=1))
    samples = len(train.data.training.label)
    updates = 2 * -(-samples // (batch_size or samples))
    seen = []
    for _ in range(updates):
        *_, last = driver.run(driver.session(train))
        assert last.ended == "budget"
        train = msgspec.structs.replace(train, checkpoint=last.checkpoint)
        seen.append((last.checkpoint.epoch, last.checkpoint.position, last.checkpoint.step))
    half = updates // 2
    assert seen == [(k // half, k % half, k) for k in range(1, updates + 1)]
    start = a_train(hyperparameters=hyperparameters)
    assert train.checkpoint == trained(start, 2)


def test_a_single_update_beyond_the_finite_range_has_diverged(driver: SessionDriver) -> None:
    hyperparameters = Hyperparameters("sgd", 100.0, batch_size=7, l2=10.0)
    train = a_train(hyperparameters=hyperparameters, budget=Budget(updates=1))
    for _ in range(200):
        *_, last = driver.run(driver.session(train))
        checkpoint_of(last.checkpoint, "checkpoint")
        train = msgspec.structs.replace(train, checkpoint=last.checkpoint)
        if last.ended == "diverged":
            break
    assert "left the finite range in epoch" in str(last.reason)


def test_a_budget_of_seconds_ends_by_the_clock(driver: SessionDriver) -> None:
    begun_s = driver.now_s
    *frames, last = driver.run(driver.session(a_train(budget=Budget(seconds=0.25))))
    assert last.ended == "budget"
    assert all(frame.ended is None for frame in frames)
    assert driver.now_s == pytest.approx(begun_s + 0.25, abs=0.003)


@pytest.mark.parametrize("batch_size", [None, 7, 1])
def test_slices_of_any_length_give_the_same_bits(
    driver: SessionDriver, batch_size: int | None
) -> None:
    train = a_train(
        hyperparameters=Hyperparameters(batch_size=batch_size, dropout=0.2, l2=0.001),
        budget=Budget(epochs=20),
    )
    expected = trained(train, 20)
    for slice_s in (1e-9, 1e-5, 1.0):
        training = driver.session(train)
        while not training.over:
            frame = training.advance(slice_s)
        assert frame is not None
        assert frame.checkpoint == expected


def test_training_can_resume_from_every_frame(driver: SessionDriver) -> None:
    train = a_train(
        hyperparameters=Hyperparameters(batch_size=16, dropout=0.1),
        budget=Budget(epochs=30),
        frames_per_second=60,
        pace=100.0,
    )
    expected = trained(train, 30)
    frames = list(driver.run(driver.session(train)))
    assert len(frames) > 10
    for frame in frames:
        left = 30 - frame.checkpoint.epoch
        resumed = msgspec.structs.replace(train, checkpoint=frame.checkpoint)
        assert trained(resumed, left) == expected


@pytest.mark.parametrize(("pace", "frames_per_second"), [(60, 30), (60, 60), (600, 10), (7, 30)])
def test_the_pace_is_held(driver: SessionDriver, pace: float, frames_per_second: float) -> None:
    train = a_train(
        pace=pace, frames_per_second=frames_per_second, budget=Budget(epochs=None, seconds=3)
    )
    *frames, last = driver.run(driver.session(train))
    assert last.checkpoint.epoch == 3 * pace
    expected = min(pace, frames_per_second) * 3
    assert expected * 0.9 <= len(frames) <= expected + 1


def test_a_paced_training_sleeps_between_its_frames(driver: SessionDriver) -> None:
    training = driver.session(a_train(pace=60.0, frames_per_second=10, budget=Budget()))
    assert training.due_s == -inf
    assert training.advance(SLICE_S) is not None
    assert training.due_s == pytest.approx(driver.now_s + 0.1)
    driver.now_s = training.due_s
    frame = training.advance(SLICE_S)
    assert frame is not None
    assert frame.checkpoint.epoch == 7


def test_rare_frames_do_not_slow_the_pace(driver: SessionDriver) -> None:
    train = a_train(pace=60.0, frames_per_second=0.1, budget=Budget(seconds=9))
    *frames, last = driver.run(driver.session(train))
    assert len(frames) == 1
    assert last.checkpoint.epoch == 540


def test_the_frame_rate_is_limited(driver: SessionDriver) -> None:
    train = a_train(frames_per_second=20, budget=Budget(seconds=1))
    frames = list(driver.run(driver.session(train)))
    assert 20 <= len(frames) <= 22
    epochs = [frame.checkpoint.epoch for frame in frames]
    assert epochs == sorted(epochs)


@pytest.mark.parametrize(("asked", "stretch", "given"), [(30, 2, 15), (30, 100, 4), (2, 100, 2)])
def test_under_load_frames_are_fewer_and_the_pace_is_kept(
    driver: SessionDriver, asked: float, stretch: float, given: float
) -> None:
    training = driver.session(a_train(pace=60.0, frames_per_second=asked, budget=Budget(seconds=3)))
    frames = []
    while not training.over:
        if training.due_s <= driver.now_s and (frame := training.advance(SLICE_S, stretch)):
            frames.append(frame)
        driver.now_s += 0.001
    assert frames[-1].checkpoint.epoch == 180
    assert 3 * given * 0.9 <= len(frames) <= 3 * given + 2


def test_a_slice_has_as_many_steps_as_fit_into_it(driver: SessionDriver) -> None:
    training = driver.session(a_train(budget=Budget(epochs=10_000)))
    for _ in range(30):
        training.advance(SLICE_S)
    assert driver.slices[-1] == round(SLICE_S / STEP_S)


def test_an_ended_training_sends_its_last_frame_in_the_next_slice(driver: SessionDriver) -> None:
    training = driver.session(a_train(pace=1.0, budget=Budget()))
    training.advance(SLICE_S)
    assert training.due_s > driver.now_s
    training.end("stopped")
    training.end("superseded")
    assert training.due_s == -inf
    frame = training.advance(SLICE_S)
    assert frame is not None
    assert (frame.ended, frame.checkpoint.epoch) == ("stopped", 1)
    assert training.over


def test_a_training_ended_before_its_first_slice_returns_its_checkpoint(
    driver: SessionDriver,
) -> None:
    train = a_train()
    training = driver.session(train)
    training.end("superseded")
    frame = training.advance(SLICE_S)
    assert frame is not None
    assert (frame.ended, frame.checkpoint) == ("superseded", train.checkpoint)


def test_a_server_shutdown_does_not_mark_the_training_as_ended(driver: SessionDriver) -> None:
    training = driver.session(a_train())
    training.end(None)
    frame = training.advance(SLICE_S)
    assert frame is not None
    assert frame.ended is None
    assert training.over


@pytest.mark.parametrize("optimiser", ["sgd", "rmsprop", "adam"])
def test_divergence_is_reported_with_the_last_finite_checkpoint(
    driver: SessionDriver, optimiser: choices.OptimiserName
) -> None:
    network = Network((10,), (0, 1, 2), "relu")
    train = a_train(
        network=network,
        checkpoint=with_parameters(a_checkpoint(network), 3e38),
        hyperparameters=Hyperparameters(optimiser, learning_rate=100, l2=10),
        budget=Budget(epochs=1000),
    )
    *_, last = driver.run(driver.session(train))
    assert last.ended == "diverged"
    assert last.reason is not None
    assert "left the finite range in epoch" in last.reason
    again = driver.session(msgspec.structs.replace(train, checkpoint=last.checkpoint))
    again.end("stopped")
    frame = again.advance(SLICE_S)
    assert frame is not None
    assert frame.checkpoint == last.checkpoint


def test_frames_have_metrics_of_training_and_test_points(driver: SessionDriver) -> None:
    data = Data(some_points(60), some_points(15, seed=1))
    *_, last = driver.run(driver.session(a_train(data=data, budget=Budget(epochs=300))))
    assert last.test is not None
    assert (last.training.accuracy or 0) > 0.9
    assert last.training.loss != last.test.loss
    *_, last = driver.run(driver.session(a_train()))
    assert last.test is None


def a_surface(samples: int = 80, seed: int = 0) -> messages.Points:
    generate = messages.Generate(1, "multi_gauss", samples=samples, noise=0.1, seed=seed)
    return answers.generate(generate).points


def test_surfaces_are_learned_from_values(driver: SessionDriver) -> None:
    network = Network((8,), ())
    data = Data(a_surface(), a_surface(20, seed=1))
    train = a_train(network=network, data=data, budget=Budget(epochs=500))
    *_, last = driver.run(driver.session(train))
    assert last.checkpoint == trained(train, 500)
    for part in (last.training, last.test):
        assert part is not None
        assert (part.accuracy, part.confusion) == (None, b"")
        assert part.r2 is not None
        assert 0.3 < part.r2 <= 1


def test_the_confusion_counts_every_point(driver: SessionDriver) -> None:
    data = Data(some_points(60), some_points(15, seed=1))
    *_, last = driver.run(driver.session(a_train(data=data)))
    assert last.test is not None
    for part, points in ((last.training, 60), (last.test, 15)):
        confusion = np.frombuffer(part.confusion, "<u2").reshape(3, 3)
        assert confusion.sum(axis=1).tolist() == [points // 3] * 3
        assert part.accuracy == confusion.trace() / points


def test_frames_have_layer_statistics_if_requested(driver: SessionDriver) -> None:
    train = a_train(hyperparameters=Hyperparameters(l2=0.5), statistics=True)
    *_, last = driver.run(driver.session(train))
    checkpoint = checkpoint_of(last.checkpoint, "checkpoint")
    expected = engine.inspect(checkpoint, points_of(train.data.training, "data"), l2=0.5)
    assert [msgspec.structs.astuple(layer) for layer in last.layers] == [
        (*dataclasses.astuple(layer)[:4], layer.gradients.astype("<u2").tobytes(), limit)
        for layer in expected
        if (limit := layer.gradient_limit)
    ]
    *_, last = driver.run(driver.session(a_train()))
    assert last.layers == ()


def test_another_network_keeps_fitting_parameters(driver: SessionDriver) -> None:
    wider = Network((12, 5), (0, 1, 2))
    training = driver.session(a_train(network=wider, checkpoint=a_checkpoint(NETWORK)))
    training.end("stopped")
    frame = training.advance(SLICE_S)
    assert frame is not None
    assert frame.checkpoint.network == wider
    kept = 4 * 2 * 10
    assert frame.checkpoint.parameters[:kept] == a_checkpoint(NETWORK).parameters[:kept]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"checkpoint": with_parameters(a_checkpoint(), nan)},
            "checkpoint.parameters: expected finite numbers, got nan at place 0",
        ),
        (
            {"data": Data(Points(floats(0.5, -2), floats(0, 0), b"\x00\x01"))},
            "data.training.x: expected numbers from -1 to 1, got -2.0 at place 1",
        ),
        (
            {
                "network": Network((), ()),
                "data": Data(Points(floats(0), floats(0), value=floats(inf))),
            },
            "data.training.value: expected finite numbers, got inf at place 0",
        ),
        (
            {"data": Data(some_points(), Points(floats(0), floats(nan), b"\x00"))},
            "data.test.y: expected numbers from -1 to 1, got nan at place 0",
        ),
    ],
)
def test_invalid_numbers_in_arrays_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        Session(a_train(**changes))
    assert refused.value.error == Error(message)
