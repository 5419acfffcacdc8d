"""Layer statistics: how large weights and gradients are, and which units are flat."""

from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnvisu.engine import kernels
from nnvisu.engine.activations import ACTIVATIONS
from nnvisu.engine.checkpoint import Checkpoint, Optimiser
from nnvisu.engine.features import features_of
from nnvisu.engine.points import Float32Array, Points
from nnvisu.engine.training import gradient
from nnvisu.engine.vector import LANES
from nnvisu.engine.workspace import Workspace, in_rows, padded, targets_of

FLAT = 0.005
"""Below this share of the activation's steepest derivative, a unit counts as flat."""
BINS = 32
"""Of a histogram."""
_NO_SLOTS = np.zeros(0, np.float32)


@dataclass(frozen=True)
class LayerStatistics:
    """One layer of weights and the units above it.

    Attributes:
        weight_norm: The weights' Euclidean norm, without biases.
        gradient_norm: That of the loss's derivatives by them.
        dead: The share of units whose activation is flat at every point: they cannot learn.
        saturated: The share of units and points at which the activation is flat.
        gradients: The histogram of those derivatives, counts (BINS,) in bins of equal width from
            -gradient_limit to gradient_limit; (0,) if one is not finite.
        gradient_limit: The largest absolute derivative; 0 without a histogram.
    """

    weight_norm: float
    gradient_norm: float
    dead: float
    saturated: float
    gradients: NDArray[np.intp]
    gradient_limit: float


class Inspection:
    """The statistics of a checkpoint's layers, computed in pieces of at most 256 points.

    Attributes:
        layers: From the first hidden layer to the outputs, whose units are never flat; None until
            `advance` has computed the last piece.
    """

    def __init__(
        self, checkpoint: Checkpoint, points: Points, l1: float = 0.0, l2: float = 0.0
    ) -> None:
        """Raise ValueError without points, for a label without an output, or missing values."""
        if len(points) == 0:
            raise ValueError("statistics need at least one point")
        # With the optimiser's slots, each piece would adapt the checkpoint first.
        self._checkpoint = replace(checkpoint, optimiser=Optimiser("sgd", _NO_SLOTS))
        self._network = network = checkpoint.network
        self._points = points
        self._penalties = l1, l2
        self._gradient = np.zeros(len(checkpoint.parameters))
        self._dead = [np.ones(units, np.bool_) for units in network.hidden_layers]
        self._flat = [0] * len(network.hidden_layers)
        self.layers: tuple[LayerStatistics, ...] | None = None
        targets_of(network, points)
        blocks = range(0, len(points), kernels.BLOCK)
        self._pieces = [*product((self._add_gradient, self._count_flat), blocks)]

    def advance(self) -> None:
        """Compute the next piece; does nothing after the last one."""
        if not self._pieces:
            return
        compute, first = self._pieces.pop()
        compute(_part(self._points, slice(first, first + kernels.BLOCK)))
        if not self._pieces:
            self.layers = self._statistics()

    def _add_gradient(self, block: Points) -> None:
        """Add a block's share of the mean gradient."""
        share = len(block) / len(self._points)
        part = gradient(self._checkpoint, block, *self._penalties)
        # Infinite parts of opposite signs make a NaN, which has no norm.
        with np.errstate(invalid="ignore"):
            self._gradient += share * part

    def _count_flat(self, block: Points) -> None:
        """Count the units and points of a block at which the activation is flat."""
        network = self._network
        steepest = ACTIVATIONS[network.activation].steepest
        flat = np.abs(_derivatives(self._checkpoint, block)) < FLAT * steepest
        above = 0
        for layer, units in enumerate(network.hidden_layers):
            idle = flat[above : above + units]
            above += units
            self._dead[layer] &= idle.all(axis=1)
            self._flat[layer] += int(idle.sum())

    def _statistics(self) -> tuple[LayerStatistics, ...]:
        network, n = self._network, len(self._points)
        dead = [float(units.mean()) for units in self._dead]
        saturated = [
            flat / (units * n)
            for flat, units in zip(self._flat, network.hidden_layers, strict=True)
        ]
        statistics = []
        for layer, layer_dead, layer_saturated in zip(
            network.layers, (*dead, 0.0), (*saturated, 0.0), strict=True
        ):
            weights = slice(layer.start, layer.biases)
            gradients, limit = _histogram(self._gradient[weights])
            statistics.append(
                LayerStatistics(
                    _norm(self._checkpoint.parameters[weights]),
                    _norm(self._gradient[weights]),
                    layer_dead,
                    layer_saturated,
                    gradients,
                    limit,
                )
            )
        return tuple(statistics)


def inspect(
    checkpoint: Checkpoint, points: Points, l1: float = 0.0, l2: float = 0.0
) -> tuple[LayerStatistics, ...]:
    """Return the statistics of every layer. Raises ValueError as `Inspection` does."""
    inspection = Inspection(checkpoint, points, l1, l2)
    while inspection.layers is None:
        inspection.advance()
    return inspection.layers


def _histogram(numbers: NDArray[np.float64]) -> tuple[NDArray[np.intp], float]:
    """Return the counts from minus to plus the largest absolute number, and that number.

    If all are zero, the counts are of -1 to 1.
    """
    limit = float(np.abs(numbers).max())
    if not np.isfinite(limit):
        return np.zeros(0, np.intp), 0.0
    counts, _ = np.histogram(numbers, BINS, (-(limit or 1.0), limit or 1.0))
    return counts, limit


def _norm(numbers: NDArray[np.floating[Any]]) -> float:
    # In float64: the square of a large float32 overflows.
    return float(np.linalg.norm(numbers.astype(np.float64)))


def _part(points: Points, part: slice) -> Points:
    value = None if points.value is None else points.value[part]
    return Points(points.x[part], points.y[part], points.label[part], value)


def _derivatives(checkpoint: Checkpoint, points: Points) -> Float32Array:
    """Return the hidden units' derivatives, float32 (units, m), at m points of one block."""
    network = checkpoint.network
    inputs = len(network.features)
    m = len(points)
    workspace = Workspace(network, m)
    rows, row = in_rows(*features_of(network.features, points.x, points.y))
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
    return units[:, :m]
