"""The kernels give the same results with the JIT off, as plain Python."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnvisu import engine
from tests.unit.engine.cases import ACTIVATIONS, FEATURES, OPTIMISERS, draw_points

ROOT = Path(__file__).parents[3]
BATCHES = {"batch_size": 20, "l2": 0.01, "dropout": 0.3}


@dataclass(frozen=True)
class Case:
    """A network and its training; by default a classifier of three classes."""

    activation: str = "tanh"
    optimiser: str = "adam"
    classes: tuple[int, ...] = (0, 1, 5)
    features: tuple[str, ...] = ("x", "y")
    hyperparameters: dict[str, Any] = field(default_factory=dict)


CASES = [
    # Combined: partial batches, dropout, penalty.
    *[Case(a, o, hyperparameters=BATCHES) for a in ACTIVATIONS for o in OPTIMISERS],
    *[Case(classes=(), activation=a, hyperparameters={"l1": 0.01}) for a in ACTIVATIONS],
    *[
        Case(
            optimiser="momentum",
            features=FEATURES,
            hyperparameters={
                "nesterov": True,
                "clip_norm": 0.1,
                "schedule": schedule,
                "schedule_epochs": 4,
            },
        )
        for schedule in ("step", "cosine", "warm_up")
    ],
]


def numbers_of(case: Case) -> list[float]:
    """Return the checkpoint and metrics after a short training."""
    network = engine.Network((9, 3), case.classes, case.activation, case.features)
    hyperparameters = engine.Hyperparameters(case.optimiser, 0.02, **case.hyperparameters)
    if case.classes:
        points = draw_points(45, case.classes)
    else:
        points = engine.generate_surface("plane", 45, 0.1, seed=3)
    start = engine.initialise(network, 5, case.optimiser)
    training = engine.Training(network, start, hyperparameters, points)
    training.advance(9)
    end = training.checkpoint()
    metrics = engine.evaluate(end, points)
    assert metrics is not None
    figure = metrics.accuracy if case.classes else metrics.r2
    assert figure is not None
    predictions = engine.predict(end, points.x, points.y)
    layers = [
        (layer.gradient_norm, layer.weight_norm, layer.dead, layer.saturated)
        for layer in engine.inspect(end, points)
    ]
    return [*end.parameters, *predictions.ravel(), metrics.loss, figure, *np.ravel(layers)]


def report() -> str:
    """Return the results with float32's digits, one line per case."""
    return "\n".join(" ".join(f"{number:.9g}" for number in numbers_of(case)) for case in CASES)


@pytest.fixture(scope="module")
def plain() -> list[list[float]]:
    """The results with the JIT off."""
    result = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-c",
            "from tests.unit.engine.test_without_jit import report; print(report())",
        ],
        cwd=ROOT,
        env=os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    return [[float(number) for number in line.split()] for line in result.stdout.splitlines()]


def test_the_kernels_give_the_same_results_with_the_jit_off(plain: list[list[float]]) -> None:
    assert len(plain) == len(CASES)
    for case, expected in zip(CASES, plain, strict=True):
        np.testing.assert_allclose(
            numbers_of(case), expected, rtol=1e-4, atol=1e-5, err_msg=str(case)
        )
