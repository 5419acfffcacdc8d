"""The engine's oracle: the same mathematics in float64, written for clarity only.

It imports nothing of the engine. Parameters are flat, for each layer W (outputs, inputs)
row-major, then b; a leading axis computes many networks at once. Gradients are central
differences, independent of any formula for a derivative.
"""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "gelu": lambda z: z / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "silu": lambda z: z / (1 + np.exp(-z)),
    "sine": np.sin,
    "linear": lambda z: z,
}


def layers(sizes: tuple[int, ...], parameters: Array) -> Iterator[tuple[Array, Array]]:
    """Yield each layer's W (..., outputs, inputs) and b (..., outputs)."""
    start = 0
    for inputs, outputs in itertools.pairwise(sizes):
        biases = start + inputs * outputs
        stop = biases + outputs
        weights = parameters[..., start:biases]
        yield weights.reshape(*weights.shape[:-1], outputs, inputs), parameters[..., biases:stop]
        start = stop


def parameter_count(sizes: tuple[int, ...]) -> int:
    """Count weights and biases."""
    return sum((i + 1) * o for i, o in itertools.pairwise(sizes))


def is_weight(sizes: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return True for weights and False for biases, bool (P,)."""
    marks = [np.repeat([True, False], [i * o, o]) for i, o in itertools.pairwise(sizes)]
    return np.concatenate(marks)


def forward(
    sizes: tuple[int, ...], activation: str, parameters: Array, inputs: Array
) -> list[Array]:
    """Return every hidden layer's values and the logits, each (..., units, n)."""
    values = [inputs]
    for weights, biases in layers(sizes, parameters):
        z = weights @ values[-1] + biases[..., None]
        is_hidden = len(values) < len(sizes) - 1
        values.append(ACTIVATIONS[activation](z) if is_hidden else z)
    return values[1:]


def probabilities(logits: Array) -> Array:
    """Return the softmax over the last axis but one."""
    powers = np.exp(logits - logits.max(axis=-2, keepdims=True))
    shares: Array = powers / powers.sum(axis=-2, keepdims=True)
    return shares


def cross_entropy(logits: Array, targets: NDArray[np.intp]) -> Array:
    """Return the mean over the points, in nats."""
    largest = logits.max(axis=-2)
    total = np.log(np.exp(logits - largest[..., None, :]).sum(axis=-2)) + largest
    of_target = logits[..., targets, np.arange(len(targets))]
    losses: Array = (total - of_target).mean(axis=-1)
    return losses


def mean_loss(output: Array, targets: NDArray[Any]) -> Array:
    """Return the cross-entropy for whole targets, the mean squared error for others."""
    if np.issubdtype(targets.dtype, np.integer):
        return cross_entropy(output, targets)
    errors: Array = ((output[..., 0, :] - targets) ** 2).mean(axis=-1)
    return errors


def objective(
    sizes: tuple[int, ...],
    activation: str,
    parameters: Array,
    inputs: Array,
    targets: NDArray[Any],
    l2: float = 0.0,
    l1: float = 0.0,
) -> Array:
    """Return what training minimises."""
    output = forward(sizes, activation, parameters, inputs)[-1]
    weights = parameters[..., is_weight(sizes)]
    penalties = l1 * np.abs(weights).sum(axis=-1) + l2 / 2 * (weights**2).sum(axis=-1)
    penalised: Array = mean_loss(output, targets) + penalties
    return penalised


def gradient(
    sizes: tuple[int, ...],
    activation: str,
    parameters: Array,
    inputs: Array,
    targets: NDArray[Any],
    l2: float = 0.0,
    l1: float = 0.0,
) -> Array:
    """Return the objective's gradient by central differences."""
    width = 1e-5
    moved = width * np.eye(len(parameters))
    arguments = (inputs, targets, l2, l1)
    ahead = objective(sizes, activation, parameters + moved, *arguments)
    behind = objective(sizes, activation, parameters - moved, *arguments)
    slopes: Array = (ahead - behind) / (2 * width)
    return slopes
