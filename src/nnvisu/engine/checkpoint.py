"""Checkpoints: the whole state of a training; initialisation and adaptation to another network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnvisu.engine.features import FEATURES
from nnvisu.engine.network import Network
from nnvisu.engine.points import Float32Array
from nnvisu.engine.random_numbers import Purpose, uniform
from nnvisu.engine.real_functions import logarithm, sine_and_cosine
from nnvisu.model.layout import SLOTS, Layer

Float64Array = NDArray[np.float64]
Variance = Callable[[int, int], float]
Shape = Callable[[Float64Array, Float64Array], Float64Array]
Positions = tuple[NDArray[np.intp], NDArray[np.intp]]


@dataclass(frozen=True, eq=False)
class Optimiser:
    """The optimiser's state.

    Attributes:
        name: A name of `choices.OptimiserName`.
        slots: Float32 (k * P,), the k slots one behind the other. momentum: velocity; rmsprop:
            mean square; adam and adamw: first moments, then second.
        steps: Updates since the slots were zero.
    """

    name: str
    slots: Float32Array
    steps: int = 0


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The state of a training between two updates.

    Attributes:
        parameters: Float32 (P,), laid out as in model/layout.py.
        step: Updates so far.
        epoch: Whole passes over the training points so far.
        seed: The seed of all random numbers.
        position: Updates since the end of that epoch.
    """

    network: Network
    parameters: Float32Array
    optimiser: Optimiser
    step: int
    epoch: int
    seed: int
    position: int = 0

    def __post_init__(self) -> None:
        count = self.network.parameter_count
        if self.parameters.shape != (count,):
            raise ValueError(f"parameters must be ({count},), not {self.parameters.shape}")
        slots = (SLOTS[self.optimiser.name] * count,)
        if self.optimiser.slots.shape != slots:
            raise ValueError(f"slots must be {slots}, not {self.optimiser.slots.shape}")


def initialise(
    network: Network, seed: int, optimiser: str = "adam", keep: Checkpoint | None = None
) -> Checkpoint:
    """Make a checkpoint: weights drawn with this seed, biases and optimiser slots 0.

    With ``keep``, step, epoch and position continue, and parameters that both networks have keep
    their values: a weight if both networks have its two units and connect them, a bias if both
    have its unit. Hidden units are matched by layer and index, inputs by feature, outputs by
    label. Slots are kept with their parameters, unless the optimiser is another one.
    """
    parameters = np.concatenate([_drawn(network, depth, seed) for depth in range(_depth(network))])
    slots = np.zeros((SLOTS[optimiser], len(parameters)), np.float32)
    if keep is None:
        return Checkpoint(network, parameters, Optimiser(optimiser, slots.ravel()), 0, 0, seed)
    new, old = _places(network, keep.network)
    parameters[new] = keep.parameters[old]
    steps = 0
    if optimiser == keep.optimiser.name:
        kept = keep.optimiser.slots.reshape(SLOTS[optimiser], len(keep.parameters))
        slots[:, new] = kept[:, old]
        steps = keep.optimiser.steps
    memory = Optimiser(optimiser, slots.ravel(), steps)
    return Checkpoint(network, parameters, memory, keep.step, keep.epoch, seed, keep.position)


def _depth(network: Network) -> int:
    return len(network.hidden_layers) + 1


def _drawn(network: Network, depth: int, seed: int) -> Float32Array:
    """Draw the parameters of one layer.

    A weight's counter holds its unit and its input, so that it does not depend on the layer's size.
    """
    layer = list(network.layers)[depth]
    units, inputs = np.arange(layer.outputs), np.arange(layer.inputs)
    if depth == len(network.hidden_layers) and network.classes:
        units = np.array(network.classes)
    if depth == 0:
        inputs = np.array([list(FEATURES).index(name) for name in network.features])
    counter = (units[:, None] << 16 | inputs).ravel().astype(np.uint32)
    draws = uniform(seed, Purpose.INITIALISE, counter, np.full_like(counter, depth))
    variance, shape = INITIALISERS[network.initialiser]
    weights = np.sqrt(variance(layer.inputs, layer.outputs)) * shape(*draws)
    return np.concatenate([weights, np.zeros(layer.outputs)]).astype(np.float32)


def _uniform(first: Float64Array, _: Float64Array) -> Float64Array:
    """Return uniform numbers of mean 0 and variance 1."""
    return np.multiply(np.sqrt(3), 2 * first - 1)


def _normal(first: Float64Array, second: Float64Array) -> Float64Array:
    """Return standard normal numbers, by the method of Box and Muller."""
    distance: Float64Array = np.sqrt(-2 * logarithm(first))
    return np.multiply(distance, sine_and_cosine(2 * np.pi * second)[1])


INITIALISERS: dict[str, tuple[Variance, Shape]] = {
    "glorot_uniform": (lambda inputs, outputs: 2 / (inputs + outputs), _uniform),
    "glorot_normal": (lambda inputs, outputs: 2 / (inputs + outputs), _normal),
    "he_uniform": (lambda inputs, _: 2 / inputs, _uniform),
    "he_normal": (lambda inputs, _: 2 / inputs, _normal),
    "lecun_uniform": (lambda inputs, _: 1 / inputs, _uniform),
    "lecun_normal": (lambda inputs, _: 1 / inputs, _normal),
    "small_normal": (lambda _, __: 1e-4, _normal),
    "zeros": (lambda _, __: 0.0, _uniform),
}
"""The variance of a weight by the layer's inputs and outputs, and the shape of its distribution.

Sources: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
networks", AISTATS 2010, eq. 16; He et al., "Delving deep into rectifiers", ICCV 2015, eq. 10;
LeCun et al., "Efficient backprop", 1998, eq. 16.
"""


def _places(new: Network, old: Network) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the places of the parameters that both networks have, in the new one and the old."""
    pairs: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
    news, olds = list(new.layers), list(old.layers)
    below = _positions(new.features, old.features)
    for depth in range(min(len(new.hidden_layers), len(old.hidden_layers))):
        units = np.arange(min(news[depth].outputs, olds[depth].outputs))
        pairs += _shared(news[depth], olds[depth], below, (units, units))
        below = (units, units)
    if len(news) != len(olds):
        below = _positions((), ())
    pairs += _shared(news[-1], olds[-1], below, _positions(new.outputs, old.outputs))
    return np.concatenate([n for n, _ in pairs]), np.concatenate([o for _, o in pairs])


def _positions(new: Sequence[object], old: Sequence[object]) -> Positions:
    """Return the places of the items that both sequences have, in the new one and the old."""
    both = [(n, old.index(item)) for n, item in enumerate(new) if item in old]
    pairs = np.array(both, np.intp).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _shared(
    new: Layer, old: Layer, below: Positions, above: Positions
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Return the places of the biases of these units and of the weights between them."""
    weights = [
        (layer.start + above[which][:, None] * layer.inputs + below[which]).ravel()
        for which, layer in enumerate((new, old))
    ]
    return [(new.biases + above[0], old.biases + above[1]), (weights[0], weights[1])]
