"""What a kernel call needs besides the parameters: codes for names, and scratch memory."""

import numpy as np
from numpy.typing import NDArray

from nnvisu.engine import kernels
from nnvisu.engine.network import Network
from nnvisu.engine.points import Float32Array, Points

ACTIVATIONS = {
    "tanh": kernels.TANH,
    "relu": kernels.RELU,
    "leaky_relu": kernels.LEAKY_RELU,
    "gelu": kernels.GELU,
}


class Workspace:
    """Scratch rows for one block of samples through one network."""

    def __init__(self, network: Network, samples: int) -> None:
        self.sizes = np.array(network.sizes, np.int64)
        self.activation = ACTIVATIONS[network.activation]
        shape = (sum(network.sizes), max(1, min(samples, kernels.BLOCK)))
        self.values = np.zeros(shape, np.float32)
        self.deltas = np.zeros(shape, np.float32)


def inputs_of(x: Float32Array, y: Float32Array) -> Float32Array:
    """Return what the input units see, float32 (2, n)."""
    return np.stack([x, y]).astype(np.float32)


def targets_of(network: Network, points: Points) -> NDArray[np.int64]:
    """Return the output unit of each point's label, int64 (n,).

    Raises ValueError for a label that the network has no output for.
    """
    targets = np.searchsorted(network.classes, points.label)
    known = np.isin(points.label, network.classes)
    if not known.all():
        label = points.label[~known][0]
        raise ValueError(f"label {label} is not among the network's classes {network.classes}")
    return targets.astype(np.int64)
