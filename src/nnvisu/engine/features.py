"""The input features: functions of a point's coordinates."""

from collections.abc import Callable

import numpy as np

from nnvisu.engine.points import Float32Array
from nnvisu.engine.real_functions import sine_and_cosine

Feature = Callable[[Float32Array, Float32Array], Float32Array]


def _sine(x: Float32Array) -> Float32Array:
    sine: Float32Array = sine_and_cosine(np.pi * x.astype(np.float64))[0].astype(np.float32)
    return sine


FEATURES: dict[str, Feature] = {
    "x": lambda x, _: x,
    "y": lambda _, y: y,
    "x_squared": lambda x, _: x * x,
    "y_squared": lambda _, y: y * y,
    "x_times_y": lambda x, y: x * y,
    "sin_x": lambda x, _: _sine(x),
    "sin_y": lambda _, y: _sine(y),
}
"""By the names of `choices.Feature`, in their order. In the square all are in [-1, 1]."""


def features_of(names: tuple[str, ...], x: Float32Array, y: Float32Array) -> list[Float32Array]:
    """Return the values, float32 (n,), of each named feature at n points."""
    return [FEATURES[name](x, y) for name in names]
