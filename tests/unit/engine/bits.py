"""Runs of every kind, and a digest of each one's bits. As a script, it prints them as JSON."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnvisu import engine
from nnvisu.engine.checkpoint import INITIALISERS
from nnvisu.engine.generators import SHAPES
from nnvisu.engine.surfaces import SURFACES
from tests.unit.engine.cases import ACTIVATIONS, FEATURES, OPTIMISERS

BATCHES = {"batch_size": 20, "l2": 0.01, "dropout": 0.3}


@dataclass(frozen=True)
class Case:
    """A network and its training; by default a classifier of three classes."""

    activation: str = "tanh"
    optimiser: str = "adam"
    hidden_layers: tuple[int, ...] = (9, 3)
    points: str = "moons"
    features: tuple[str, ...] = ("x", "y")
    initialiser: str = "glorot_uniform"
    samples: int = 45
    hyperparameters: dict[str, Any] = field(default_factory=dict)


CASES: dict[str, Case] = {
    **{f"{a}, {o}": Case(a, o, hyperparameters=BATCHES) for a in ACTIVATIONS for o in OPTIMISERS},
    **{f"{a}, values": Case(a, points="multi_gauss") for a in ACTIVATIONS},
    **{f"{shape}": Case(points=shape) for shape in (*SHAPES, *SURFACES)},
    **{f"{name}": Case(initialiser=name) for name in INITIALISERS},
    **{
        f"{schedule}": Case(
            optimiser="momentum",
            features=FEATURES,
            hyperparameters={
                "nesterov": True,
                "clip_norm": 0.1,
                "l1": 0.01,
                "schedule": schedule,
                "schedule_epochs": 4,
            },
        )
        for schedule in ("step", "cosine", "warm_up")
    },
    "none": Case(hidden_layers=()),
    "deep": Case(hidden_layers=(3,) * 10),
    "wide": Case(hidden_layers=(33, 17), samples=300),
}


def digest(case: Case) -> str:
    """Return the digest of a short training: points, checkpoints, predictions, loss, statistics."""
    if case.points in SURFACES:
        points = engine.generate_surface(case.points, case.samples, 0.1, seed=3)
        classes: tuple[int, ...] = ()
    else:
        points = engine.generate(case.points, case.samples, 3, 0.1, seed=3)
        classes = (0, 1, 2)
    network = engine.Network(
        case.hidden_layers, classes, case.activation, case.features, case.initialiser
    )
    hyperparameters = engine.Hyperparameters(case.optimiser, 0.02, **case.hyperparameters)
    start = engine.initialise(network, 5, case.optimiser)
    training = engine.Training(network, start, hyperparameters, points)
    training.advance(9)
    end = training.checkpoint()
    metrics = engine.evaluate(end, points)
    assert metrics is not None
    content = hashlib.sha256()
    for array in (points.x, points.y, start.parameters, end.parameters, end.optimiser.slots):
        content.update(array.tobytes())
    content.update(engine.predict(end, points.x, points.y).tobytes())
    content.update(np.float64(metrics.loss).tobytes())
    for layer in engine.inspect(end, points):
        norms = (layer.gradient_norm, layer.weight_norm)
        # NumPy adds squares in an order of its own.
        content.update(" ".join(f"{number:.4g}" for number in norms).encode())
        content.update(np.array([layer.dead, layer.saturated]).tobytes())
    return content.hexdigest()[:16]


def digests() -> dict[str, str]:
    """Return the digest of every case."""
    return {name: digest(case) for name, case in CASES.items()}


if __name__ == "__main__":
    print(json.dumps(digests(), indent=2))  # noqa: T201 - the script's output
