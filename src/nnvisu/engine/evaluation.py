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
    """Mean cross-entropy in nats, without penalties, and the share of points classified right."""

    loss: float
    accuracy: float


def evaluate(checkpoint: Checkpoint, points: Points) -> Metrics | None:
    """Measure the network on these points, with dropout off; None without points.

    Raises ValueError for a label that the network has no output for.
    """
    if len(points) == 0:
        return None
    network = checkpoint.network
    workspace = Workspace(network, len(points))
    rows, row = in_rows(
        *features_of(network.features, points.x, points.y), targets_of(network, points)
    )
    loss, accuracy = kernels.infer(
        workspace.sizes,
        workspace.activation,
        checkpoint.parameters,
        len(points),
        rows,
        row,
        workspace.values,
        workspace.deltas,
        np.empty(0, np.float32),
    )
    return Metrics(float(loss), float(accuracy))


def predict(checkpoint: Checkpoint, x: Float32Array, y: Float32Array) -> Float32Array:
    """Return the class probabilities at n places, float32 (classes, n)."""
    network = checkpoint.network
    workspace = Workspace(network, len(x))
    rows, row = in_rows(*features_of(network.features, x, y))
    probabilities = np.empty(len(network.classes) * row, np.float32)
    kernels.infer(
        workspace.sizes,
        workspace.activation,
        checkpoint.parameters,
        len(x),
        rows,
        row,
        workspace.values,
        workspace.deltas,
        probabilities,
    )
    return probabilities.reshape(-1, row)[:, : len(x)].copy()
