"""The names that the engine and the wire have for everything that can be chosen.

Their order is part of the wire: features come in it, the page offers choices in it.
"""

from typing import Literal

Activation = Literal["tanh", "relu", "leaky_relu", "gelu", "sigmoid", "silu", "sine", "linear"]
Feature = Literal["x", "y", "x_squared", "y_squared", "x_times_y", "sin_x", "sin_y"]
Initialiser = Literal[
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_uniform",
    "lecun_normal",
    "small_normal",
    "zeros",
]
OptimiserName = Literal["sgd", "momentum", "rmsprop", "adam", "adamw"]
Schedule = Literal["constant", "step", "cosine", "warm_up"]
LabelledDistribution = Literal[
    "circles", "moons", "blobs", "anisotropic", "varied", "xor", "gauss", "spiral"
]
"""Of points of classes."""
ValuedDistribution = Literal["plane", "multi_gauss"]
"""Of points with values, for regression."""
Distribution = Literal[LabelledDistribution, ValuedDistribution]
