"""Gradients and 500 steps of every optimiser and schedule, against PyTorch and JAX in float64."""

from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from itertools import combinations
from typing import Any, cast

import numpy as np
import pytest

from nnvisu import engine
from tests.unit.engine.cases import ACTIVATIONS, DEPTHS, FEATURES, draw_checkpoint, in_float64
from tests.unit.engine.oracle.problem import Peer, Problem, Run
from tests.unit.engine.test_optimisers import LEARNING_RATES

INSTALLED = [
    name for name, needed in [("pytorch", "torch"), ("jax_optax", "optax")] if find_spec(needed)
]
FEATURE_SETS = [names for count in range(1, 8) for names in combinations(FEATURES, count)]
LOSSES = {
    "cross_entropy": (0, 1, 2),
    "squared_error": (),
}
STEPS = 500
REGULARISERS: dict[str, dict[str, Any]] = {
    "none": {},
    "l1": {"l1": 0.001},
    "l2": {"l2": 0.01},
    "clip": {"clip_norm": 0.05},
    "l1_l2": {"l1": 0.001, "l2": 0.01},
    "l1_l2_clip": {"l1": 0.001, "l2": 0.01, "clip_norm": 0.05},
}
DECAYS = {
    "decay": {"weight_decay": 0.1},
    "decay_l1_l2_clip": {"weight_decay": 0.1, **REGULARISERS["l1_l2_clip"]},
}
SCHEDULES = {"constant": 1, "step": 100, "cosine": STEPS, "warm_up": 100}
RUNS = [
    (optimiser, regulariser)
    for optimiser in LEARNING_RATES
    for regulariser in (*REGULARISERS, *(DECAYS if optimiser == "adamw" else ()))
]


@pytest.fixture(params=INSTALLED)
def peer(request: pytest.FixtureRequest) -> Peer:
    """Each library that is installed."""
    return cast(Peer, import_module(f"tests.unit.engine.oracle.{request.param}"))


def points_of(network: engine.Network, n: int) -> engine.Points:
    if network.is_regression:
        return engine.generate_surface("multi_gauss", n, 0.1, seed=4)
    return engine.generate("blobs", n, len(network.classes), 0.3, seed=4)


def problem_of(
    start: engine.Checkpoint, points: engine.Points, l1: float = 0.0, l2: float = 0.0
) -> Problem:
    network, parameters = start.network, start.parameters.astype(np.float64)
    inputs, targets = in_float64(network, points)
    return Problem(network.sizes, network.activation, parameters, inputs, targets, l1, l2)


def assert_gradient(peer: Peer, network: engine.Network, n: int, **penalties: float) -> None:
    start, points = draw_checkpoint(network, seed=1), points_of(network, n)
    expected = peer.gradient(problem_of(start, points, **penalties))
    actual = engine.gradient(start, points, **penalties)
    assert np.linalg.norm(actual - expected) < 1e-4 * np.linalg.norm(expected)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_with_every_set_of_features_match_the_peer(
    peer: Peer, loss: str, activation: str
) -> None:
    for features in FEATURE_SETS:
        network = engine.Network((6, 5), LOSSES[loss], activation, features)
        assert_gradient(peer, network, 45)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("hidden_layers", DEPTHS, ids=len)
def test_gradients_of_every_depth_match_the_peer(
    peer: Peer, hidden_layers: tuple[int, ...], loss: str, activation: str
) -> None:
    network = engine.Network(hidden_layers, LOSSES[loss], activation)
    assert_gradient(peer, network, 300, l1=0.001, l2=0.01)


def assert_run(
    peer: Peer, network: engine.Network, hyperparameters: engine.Hyperparameters, optimiser: str
) -> None:
    start = draw_checkpoint(network, 2, hyperparameters.optimiser)
    points = points_of(network, 61)
    training = engine.Training(network, start, hyperparameters, points)
    training.advance(STEPS)
    run = Run(
        optimiser,
        hyperparameters.learning_rate,
        hyperparameters.schedule,
        hyperparameters.schedule_epochs,
        hyperparameters.schedule_factor,
        hyperparameters.clip_norm,
        hyperparameters.weight_decay,
        STEPS,
    )
    expected = peer.train(problem_of(start, points, hyperparameters.l1, hyperparameters.l2), run)
    moved = np.linalg.norm(expected - start.parameters)
    assert np.linalg.norm(training.checkpoint().parameters - expected) < 1e-3 * moved


def hyperparameters_of(optimiser: str, schedule: str, regulariser: str) -> engine.Hyperparameters:
    plain = engine.Hyperparameters(
        optimiser="momentum" if optimiser == "nesterov" else optimiser,
        learning_rate=LEARNING_RATES[optimiser],
        nesterov=optimiser == "nesterov",
        weight_decay=0.0,
        schedule=schedule,
        schedule_epochs=SCHEDULES[schedule],
    )
    return replace(plain, **(REGULARISERS | DECAYS)[regulariser])


@pytest.mark.parametrize(("optimiser", "regulariser"), RUNS)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_500_steps_match_the_peer(
    peer: Peer, schedule: str, optimiser: str, regulariser: str
) -> None:
    network = engine.Network((10, 5), (0, 1, 2))
    assert_run(peer, network, hyperparameters_of(optimiser, schedule, regulariser), optimiser)


@pytest.mark.parametrize("optimiser", LEARNING_RATES)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("hidden_layers", DEPTHS, ids=len)
def test_500_steps_of_every_depth_and_loss_match_the_peer(
    peer: Peer, hidden_layers: tuple[int, ...], loss: str, optimiser: str
) -> None:
    network = engine.Network(hidden_layers, LOSSES[loss])
    assert_run(peer, network, hyperparameters_of(optimiser, "constant", "l2"), optimiser)
