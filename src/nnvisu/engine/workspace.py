"""Prepares the arguments of kernels: points as rows, targets, and scratch memory."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nnvisu.engine import kernels
from nnvisu.engine.activations import ACTIVATIONS
from nnvisu.engine.network import Network
from nnvisu.engine.points import Float32Array, Points
from nnvisu.engine.vector import LANES

LINE_BYTES = 64
"""The size of a cache line, and of a vector."""


def allocate(count: int, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Return ``count`` zeros, aligned to a cache line and sharing no line with other arrays.

    A vector across two lines costs two accesses, up to a fifth of a step. A line that two threads
    write to moves back and forth between their cores (false sharing).
    """
    size = count * np.dtype(dtype).itemsize
    memory = np.zeros(-(-size // LINE_BYTES) * LINE_BYTES + LINE_BYTES, np.uint8)
    start = -memory.ctypes.data % LINE_BYTES
    return memory[start : start + size].view(dtype)


def padded(count: int) -> int:
    """Return the count rounded up to whole vectors."""
    return -(-count // LANES) * LANES


class Workspace:
    """Scratch memory for one block of samples: a row for each unit, and a row of ones."""

    def __init__(self, network: Network, samples: int) -> None:
        self.sizes = np.array(network.sizes, np.int64)
        self.activation = ACTIVATIONS[network.activation].number
        vectors = padded(min(samples, kernels.BLOCK)) // LANES
        count = (sum(network.sizes) + 1) * kernels.row_length(vectors)
        self.values, self.deltas = allocate(2 * count).reshape(2, count)


def in_rows(*rows: Float32Array, copies: int = 1) -> tuple[Float32Array, int]:
    """Return the rows one behind the other, float32 and padded, and the length of each.

    The padding lets a vector begin at any sample. The array has room for all rows ``copies`` times.
    """
    length = padded(len(rows[0])) + LANES
    flat = allocate(copies * len(rows) * length)
    for i, row in enumerate(rows):
        flat[i * length :][: len(row)] = row
    return flat, length


def targets_of(network: Network, points: Points) -> Float32Array:
    """Return the targets, float32 (n,): the output unit of each label, or the values.

    Raises ValueError for a label without an output, and for regression without values.
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
