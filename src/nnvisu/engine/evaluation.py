"""How well a network does, and what it says of any point."""

from dataclasses import dataclass

import numpy as np

from nnvisu.engine import kernels
from nnvisu.engine.checkpoint import Checkpoint
from nnvisu.engine.features import features_of
from nnvisu.engine.points import Float32Array, Points
from nnvisu.engine.workspace import Workspace, in_rows, targets_of


@dataclass(frozen=True)
class Metrics:
    """How well a network does on some points, without penalties and with dropout off.

    Attributes:
        loss: The mean cross-entropy in nats; for regression the mean squared error.
        accuracy: The share of points whose most probable class is theirs; NaN for regression.
        confusion: How many points of each class (a row) were taken for which (a column).
        r2: For regression: the share of the values' variance that is explained, 1 at best; NaN
            where they do not vary.
    """

    loss: float
    accuracy: float
    confusion: tuple[tuple[int, ...], ...] = ()
    r2: float | None = None


def evaluate(checkpoint: Checkpoint, points: Points) -> Metrics | None:
    """Measure the network on these points; None without points.

    Raises ValueError for a label that the network has no output for, or missing values.
    """
    if len(points) == 0:
        return None
    network = checkpoint.network
    workspace = Workspace(network, len(points))
    targets = targets_of(network, points)
    rows, row = in_rows(*features_of(network.features, points.x, points.y), targets)
    classes = len(network.classes)
    confusion = np.zeros((classes, classes), np.int64)
    loss = kernels.infer(
        workspace.sizes,
        workspace.activation,
        checkpoint.parameters,
        len(points),
        rows,
        row,
        workspace.values,
        workspace.deltas,
        np.empty(0, np.float32),
        confusion.ravel(),
    )
    if network.is_regression:
        variance = float(targets.astype(np.float64).var())
        r2 = 1 - loss / variance if variance > 0 else float("nan")
        return Metrics(float(loss), float("nan"), r2=r2)
    accuracy = float(np.trace(confusion)) / len(points)
    return Metrics(float(loss), accuracy, tuple(map(tuple, confusion.tolist())))


def predict(checkpoint: Checkpoint, x: Float32Array, y: Float32Array) -> Float32Array:
    """Return what the network says at n places, float32 (outputs, n): probabilities or values."""
    network = checkpoint.network
    workspace = Workspace(network, len(x))
    rows, row = in_rows(*features_of(network.features, x, y))
    answers = np.empty(len(network.outputs) * row, np.float32)
    kernels.infer(
        workspace.sizes,
        workspace.activation,
        checkpoint.parameters,
        len(x),
        rows,
        row,
        workspace.values,
        workspace.deltas,
        answers,
        np.zeros(0, np.int64),
    )
    return answers.reshape(-1, row)[:, : len(x)].copy()
