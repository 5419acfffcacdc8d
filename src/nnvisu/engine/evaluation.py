"""How well a network does, and what it says of any point."""

from dataclasses import dataclass

import numpy as np

from nnvisu.engine import kernels
from nnvisu.engine.checkpoint import Checkpoint
from nnvisu.engine.points import Float32Array, Points
from nnvisu.engine.workspace import Workspace, inputs_of, targets_of


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
    loss, accuracy = kernels.measure(
        workspace.sizes,
        workspace.activation,
        checkpoint.parameters,
        inputs_of(points.x, points.y),
        targets_of(network, points),
        workspace.values,
        workspace.deltas,
    )
    return Metrics(float(loss), float(accuracy))


def predict(checkpoint: Checkpoint, x: Float32Array, y: Float32Array) -> Float32Array:
    """Return the class probabilities at n places, float32 (classes, n)."""
    network = checkpoint.network
    workspace = Workspace(network, len(x))
    probabilities = np.empty((len(network.classes), len(x)), np.float32)
    kernels.classify(
        workspace.sizes,
        workspace.activation,
        checkpoint.parameters,
        inputs_of(x, y),
        workspace.values,
        workspace.deltas,
        probabilities,
    )
    return probabilities
