"""What goes on inside a network: how large weights and gradients are, and which units are idle."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nnvisu.engine import kernels
from nnvisu.engine.checkpoint import Checkpoint
from nnvisu.engine.features import features_of
from nnvisu.engine.points import Float32Array, Points
from nnvisu.engine.training import gradient
from nnvisu.engine.vector import LANES
from nnvisu.engine.workspace import Workspace, in_rows, padded

FLAT = 0.005
"""The derivative, as a share of the activation's steepest, under which nothing passes back."""


@dataclass(frozen=True)
class LayerStatistics:
    """One layer of weights and the units above it.

    Attributes:
        weight_norm: The weights' Euclidean norm, without biases.
        gradient_norm: That of the loss's derivatives by them.
        dead: The share of units whose activation is flat at every point: they cannot learn.
        saturated: The share of units and points at which the activation is flat.
    """

    weight_norm: float
    gradient_norm: float
    dead: float
    saturated: float


def inspect(
    checkpoint: Checkpoint, points: Points, l1: float = 0.0, l2: float = 0.0
) -> tuple[LayerStatistics, ...]:
    """Look into every layer, from the first hidden one to the outputs, which are never flat.

    Raises ValueError without points, for a label without an output, or for missing values.
    """
    network = checkpoint.network
    slopes = gradient(checkpoint, points, l1, l2)
    steepest = 0.25 if network.activation == "sigmoid" else 1.0
    flat = np.concatenate(
        [np.abs(block) < FLAT * steepest for block in _derivatives(checkpoint, points)], axis=1
    )
    statistics = []
    above = 0
    for layer, units in zip(network.layers, (*network.hidden_layers, 0), strict=True):
        weights = slice(layer.start, layer.biases)
        idle = flat[above : above + units]
        above += units
        statistics.append(
            LayerStatistics(
                _norm(checkpoint.parameters[weights]),
                _norm(slopes[weights]),
                float(idle.all(axis=1).mean()) if units else 0.0,
                float(idle.mean()) if units else 0.0,
            )
        )
    return tuple(statistics)


def _norm(numbers: Float32Array) -> float:
    # In float64: the square of a large float32 is none.
    return float(np.linalg.norm(numbers.astype(np.float64)))


def _derivatives(checkpoint: Checkpoint, points: Points) -> Iterator[Float32Array]:
    """Yield the hidden units' derivatives for one block of points after the other, (units, m)."""
    network = checkpoint.network
    inputs = len(network.features)
    features = features_of(network.features, points.x, points.y)
    for first in range(0, len(points), kernels.BLOCK):
        block = [feature[first : first + kernels.BLOCK] for feature in features]
        m = len(block[0])
        workspace = Workspace(network, m)
        rows, row = in_rows(*block)
        kernels.infer(
            workspace.sizes,
            workspace.activation,
            checkpoint.parameters,
            m,
            rows,
            row,
            workspace.values,
            workspace.deltas,
            np.empty(len(network.outputs) * row, np.float32),
            np.zeros(0, np.int64),
        )
        stride = kernels.row_length(padded(m) // LANES)
        units = workspace.deltas.reshape(-1, stride)[inputs : inputs + sum(network.hidden_layers)]
        yield units[:, :m]
