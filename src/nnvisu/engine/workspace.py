"""What a kernel call needs: numbers for names, points in rows, and scratch memory."""

import numpy as np

from nnvisu.engine import activations, kernels
from nnvisu.engine.network import Network
from nnvisu.engine.points import Float32Array, Points
from nnvisu.engine.vector import LANES

ACTIVATIONS = {
    "tanh": activations.TANH,
    "relu": activations.RELU,
    "leaky_relu": activations.LEAKY_RELU,
    "gelu": activations.GELU,
    "sigmoid": activations.SIGMOID,
    "silu": activations.SILU,
    "sine": activations.SINE,
    "linear": activations.LINEAR,
}


def padded(count: int) -> int:
    """Return the count rounded up to whole vectors."""
    return -(-count // LANES) * LANES


class Workspace:
    """Scratch rows for one block of samples through one network, and one row of ones."""

    def __init__(self, network: Network, samples: int) -> None:
        self.sizes = np.array(network.sizes, np.int64)
        self.activation = ACTIVATIONS[network.activation]
        vectors = padded(min(samples, kernels.BLOCK)) // LANES
        count = (sum(network.sizes) + 1) * kernels.row_length(vectors)
        self.values = np.zeros(count, np.float32)
        self.deltas = np.zeros(count, np.float32)


def in_rows(*rows: Float32Array, copies: int = 1) -> tuple[Float32Array, int]:
    """Return the rows one behind the other, float32 and padded, and the length of each.

    A vector that starts at any sample lies inside its row. With ``copies`` there is room for as
    many times the rows.
    """
    length = padded(len(rows[0])) + LANES
    flat = np.zeros((copies * len(rows), length), np.float32)
    for i, row in enumerate(rows):
        flat[i, : len(row)] = row
    return flat.ravel(), length


def targets_of(network: Network, points: Points) -> Float32Array:
    """Return what the outputs should say: each label's output unit, or the values, float32 (n,).

    Raises ValueError for a label that the network has no output for, and where regression lacks
    values.
    """
    if network.is_regression:
        if points.value is None or len(points.value) != len(points):
            raise ValueError("regression needs a value for each point")
        return points.value
    targets = np.searchsorted(network.classes, points.label)
    known = np.isin(points.label, network.classes)
    if not known.all():
        label = points.label[~known][0]
        raise ValueError(f"label {label} is not among the network's classes {network.classes}")
    return targets.astype(np.float32)
