"""A network's metrics on points, and its predictions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from nnvisu.engine import kernels
from nnvisu.engine.checkpoint import Checkpoint
from nnvisu.engine.features import features_of
from nnvisu.engine.network import Network
from nnvisu.engine.points import Float32Array, Points
from nnvisu.engine.workspace import Workspace, in_rows, targets_of

_NO_ANSWERS = np.empty(0, np.float32)
_infer = cast(Callable[..., tuple[float, int]], kernels.infer)
"""Untyped: a type checker cannot follow arguments that are joined from tuples."""


@dataclass(frozen=True, eq=False)
class Metrics:
    """A network's metrics on some points, without penalties and with dropout off.

    Attributes:
        loss: The mean cross-entropy in nats; for regression the mean squared error.
        accuracy: The share of points whose most probable class is theirs; None for regression.
        confusion: Int64 (classes, classes), the number of points by their class (row) and their
            most probable class (column); None for regression.
        r2: For regression: the share of the values' variance that is explained, 1 at best; None
            where the values do not vary.
    """

    loss: float
    accuracy: float | None = None
    confusion: NDArray[np.int64] | None = None
    r2: float | None = None


class Evaluator:
    """Computes metrics of many checkpoints of one network on the same points.

    Scratch memory is allocated once, so a call costs little more than the forward pass. Not
    thread-safe.
    """

    def __init__(self, network: Network, points: Points) -> None:
        """Raise ValueError without points, without values, or for a label without an output."""
        if len(points) == 0:
            raise ValueError("metrics need at least one point")
        targets = targets_of(network, points)
        workspace = Workspace(network, len(points))
        rows, row = in_rows(*features_of(network.features, points.x, points.y), targets)
        self._points = len(points)
        self._shape = (len(network.classes), len(network.classes))
        self._confusion = np.zeros(len(network.classes) ** 2, np.int64)
        self._variance = float(targets.astype(np.float64).var())
        self._before = (workspace.sizes, workspace.activation)
        self._after = (
            len(points),
            rows,
            row,
            workspace.values,
            workspace.deltas,
            _NO_ANSWERS,
            self._confusion,
        )

    def loss(self, parameters: Float32Array) -> float:
        """Return only the loss of a network with these parameters, float32 (P,)."""
        return _infer(*self._before, parameters, *self._after)[0]

    def metrics(self, parameters: Float32Array) -> Metrics:
        """Return the metrics of a network with these parameters, float32 (P,)."""
        loss, right = _infer(*self._before, parameters, *self._after)
        if not self._confusion.size:
            return Metrics(loss, r2=1 - loss / self._variance if self._variance > 0 else None)
        confusion = self._confusion.reshape(self._shape).copy()
        return Metrics(loss, right / self._points, confusion)


def evaluate(checkpoint: Checkpoint, points: Points) -> Metrics | None:
    """Return the network's metrics on these points; None without points.

    Raises ValueError for a label that the network has no output for, or missing values.
    """
    if len(points) == 0:
        return None
    return Evaluator(checkpoint.network, points).metrics(checkpoint.parameters)


def predict(checkpoint: Checkpoint, x: Float32Array, y: Float32Array) -> Float32Array:
    """Return the network's outputs at n places, float32 (outputs, n): probabilities or values."""
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
