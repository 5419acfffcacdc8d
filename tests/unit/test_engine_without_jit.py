"""The same kernels as plain Python: what they say in NumPy is what they are compiled to."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nnvisu import engine
from tests.unit.engine_cases import ACTIVATIONS, OPTIMISERS, draw_points

ROOT = Path(__file__).parents[2]


def trained(activation: str, optimiser: str) -> engine.Checkpoint:
    """Train a little in every way at once: partial batches, dropout, penalty."""
    network = engine.Network((9, 3), (0, 1, 5), activation)
    hyperparameters = engine.Hyperparameters(optimiser, 0.02, 20, l2=0.01, dropout=0.3)
    start = engine.initialise(network, 5, optimiser)
    training = engine.Training(network, start, hyperparameters, draw_points(45, (0, 1, 5)))
    training.advance(9)
    return training.checkpoint()


def report() -> str:
    """Return what comes out, in as many digits as float32 has."""
    cases = [(a, o) for a in ACTIVATIONS for o in OPTIMISERS]
    points = draw_points(45, (0, 1, 5))
    lines = []
    for case in cases:
        checkpoint = trained(*case)
        metrics = engine.evaluate(checkpoint, points)
        assert metrics is not None
        predictions = engine.predict(checkpoint, points.x, points.y)
        numbers = [*checkpoint.parameters, *predictions.ravel(), metrics.loss, metrics.accuracy]
        lines.append(" ".join(f"{number:.9g}" for number in numbers))
    return "\n".join(lines)


@pytest.fixture(scope="module")
def plain() -> list[list[float]]:
    """What comes out with the JIT off."""
    result = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-c",
            "from tests.unit.test_engine_without_jit import report; print(report())",
        ],
        cwd=ROOT,
        env=os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    return [[float(number) for number in line.split()] for line in result.stdout.splitlines()]


def test_the_kernels_do_the_same_with_the_jit_off(plain: list[list[float]]) -> None:
    compiled = [[float(number) for number in line.split()] for line in report().splitlines()]
    assert len(compiled) == len(ACTIVATIONS) * len(OPTIMISERS)
    np.testing.assert_allclose(compiled, plain, rtol=1e-4, atol=1e-5)
