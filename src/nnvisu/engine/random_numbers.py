"""Counter-based random numbers: Threefry-2x32 with 20 rounds.

Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. A
number is a function of (seed, purpose, counter) alone, so a training that is interrupted anywhere
and resumed elsewhere draws the same numbers.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from nnvisu.engine.real_functions import logarithm_of_one_plus, sine_and_cosine

UInt32Array = NDArray[np.uint32]

ROTATIONS = (13, 15, 26, 6, 17, 29, 16, 24)
PARITY = 0x1BD11BDA


REACH = 2.5
"""Where normal numbers are truncated, in standard deviations."""
WITHIN = 0.9560630663765926
"""1 - exp(-REACH^2 / 2): the share of normal pairs within that distance."""


class Purpose(IntEnum):
    """The use of a random number: the second word of the key."""

    INITIALISE = 1
    SHUFFLE = 2
    DROPOUT = 3
    GENERATE = 4


def random_bits(
    seed: int, purpose: int, low: UInt32Array, high: UInt32Array
) -> tuple[UInt32Array, UInt32Array]:
    """Return two words of random bits, uint32 as ``low``, for each counter (low, high)."""
    key = [np.uint32(word & 0xFFFFFFFF) for word in (seed, purpose, seed ^ purpose ^ PARITY)]
    a, b = low + key[0], high + key[1]
    for group in range(5):
        for rotation in ROTATIONS[:4] if group % 2 == 0 else ROTATIONS[4:]:
            a = a + b
            b = (b << np.uint32(rotation)) | (b >> np.uint32(32 - rotation))
            b = a ^ b
        a = a + key[(group + 1) % 3]
        b = b + key[(group + 2) % 3] + np.uint32(group + 1)
    return a, b


def uniform(seed: int, purpose: int, low: UInt32Array, high: UInt32Array) -> NDArray[np.float64]:
    """Return (2, ...) float64 in the open interval (0, 1), two for each counter (low, high)."""
    words = np.stack(random_bits(seed, purpose, low, high)).astype(np.float64)
    return (words + 0.5) * 2.0**-32


def normal(radius: NDArray[np.float64], angle: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return standard normal pairs (2, n) within a disc of radius `REACH`, by Box and Muller.

    ``radius`` and ``angle`` are uniform numbers (n,). The distance from the origin inverts its
    distribution function, truncated at `REACH`.
    """
    distance = np.sqrt(-2 * logarithm_of_one_plus(-radius * WITHIN))
    sine, cosine = sine_and_cosine(2 * np.pi * angle)
    return np.stack([distance * cosine, distance * sine])
