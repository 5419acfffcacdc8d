"""Random points with values, for regression: surfaces over the square [-1, 1] x [-1, 1]."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nnvisu.engine.points import Points
from nnvisu.engine.random_numbers import Purpose, normal, uniform
from nnvisu.engine.real_functions import exponential

Float64Array = NDArray[np.float64]
Surface = Callable[[Float64Array, Float64Array], Float64Array]

EDGE = 0.95
"""The largest coordinate there can be."""

HILLS = np.array(
    [
        [0.0, 0.6, 1],
        [0.0, -0.6, -1],
        [0.6, 0.3, -1],
        [-0.6, 0.3, 1],
        [0.6, -0.3, 1],
        [-0.6, -0.3, -1],
    ]
)
"""Centres and heights."""
HILL_WIDTH = 0.25


def _plane(x: Float64Array, y: Float64Array) -> Float64Array:
    """Rise along the diagonal, from -1 to 1."""
    return (x + y) / (2 * EDGE)


def _multi_gauss(x: Float64Array, y: Float64Array) -> Float64Array:
    """Add up Gaussian hills and hollows."""
    distance = (x - HILLS[:, :1]) ** 2 + (y - HILLS[:, 1:2]) ** 2
    heights: Float64Array = (HILLS[:, 2:] * exponential(-distance / (2 * HILL_WIDTH**2))).sum(
        axis=0
    )
    return heights


SURFACES: dict[str, Surface] = {"plane": _plane, "multi_gauss": _multi_gauss}


def generate_surface(surface: str, samples: int, noise: float, seed: int) -> Points:
    """Draw ``samples`` points of a surface, uniform in the square, with normal noise on the values.

    ``surface``: a name of `SURFACES`; values are about -1 to 1. ``noise`` is the standard deviation
    of the noise, which is truncated at 2.5 of it.
    """
    counter = np.arange(samples, dtype=np.uint32)
    place = uniform(seed, Purpose.GENERATE, counter, np.full_like(counter, 0))
    radius, angle = uniform(seed, Purpose.GENERATE, counter, np.full_like(counter, 1))
    x, y = EDGE * (2 * place - 1)
    value = SURFACES[surface](x, y) + noise * normal(radius, angle)[0]
    label = np.zeros(samples, np.uint8)
    x, y, value = (numbers.astype(np.float32) for numbers in (x, y, value))
    return Points(x, y, label, value)
