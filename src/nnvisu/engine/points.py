"""Points of the plane with their targets: labels, or values."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Points:
    """n points of the square [-1, 1] x [-1, 1]: x and y float32 (n,), label uint8 (n,).

    For regression the targets are ``value``, float32 (n,), and the labels are ignored.
    """

    x: Float32Array
    y: Float32Array
    label: UInt8Array
    value: Float32Array | None = None

    def __post_init__(self) -> None:
        if not len(self.x) == len(self.y) == len(self.label):
            raise ValueError(
                "x, y and label must be of one length, not "
                f"{len(self.x)}, {len(self.y)} and {len(self.label)}"
            )

    def __len__(self) -> int:
        return len(self.label)
