"""Checkpoints: everything that training needs to go on, and how the first one is made."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnvisu.engine.network import Layer, Network
from nnvisu.engine.points import Float32Array
from nnvisu.engine.threefry import Purpose, uniform

SLOTS = {"sgd": 0, "momentum": 1, "rmsprop": 1, "adam": 2, "adamw": 2}
"""How many numbers an optimiser remembers of every parameter."""


@dataclass(frozen=True, eq=False)
class Optimiser:
    """The optimiser's memory.

    ``slots`` float32 (k * P,): for each of its k slots one number a parameter, in the parameters'
    layout (momentum: the velocity; rmsprop: the mean square; adam and adamw: first moments, then
    second). ``steps``: the updates
    that the slots have seen.
    """

    name: str
    slots: Float32Array
    steps: int = 0


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The state of a training between two epochs.

    ``parameters`` float32 (P,): for each layer W (outputs, inputs) row-major, then b (outputs,).
    ``step`` counts updates, ``epoch`` passes over the training points.
    """

    network: Network
    parameters: Float32Array
    optimiser: Optimiser
    step: int
    epoch: int
    seed: int

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
    """Make a checkpoint: Glorot-uniform weights of this seed, biases 0, empty optimiser slots.

    With ``keep``, step and epoch go on, and every parameter that still has a place is kept: a
    weight while both its units exist and are joined, a bias while its unit exists. A hidden unit
    is known by its layer and place, an output by its label. The slots follow their parameters;
    another optimiser starts with empty ones.

    Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010, eq. 16.
    """
    parameters = np.concatenate([_glorot(network, depth, seed) for depth in range(_depth(network))])
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
    return Checkpoint(network, parameters, memory, keep.step, keep.epoch, seed)


def _depth(network: Network) -> int:
    return len(network.hidden_layers) + 1


def _glorot(network: Network, depth: int, seed: int) -> Float32Array:
    """Return the parameters of one layer; a weight's counter is its place, not its number."""
    layer = list(network.layers)[depth]
    is_output = depth == len(network.hidden_layers)
    units = network.classes if is_output else range(layer.outputs)
    place = np.array(units)[:, None] << 16 | np.arange(layer.inputs)
    counter = place.ravel().astype(np.uint32)
    draws = uniform(seed, Purpose.INITIALISE, counter, np.full_like(counter, depth))[0]
    limit = np.sqrt(6 / (layer.inputs + layer.outputs))
    weights = (2 * draws - 1) * limit
    return np.concatenate([weights, np.zeros(layer.outputs)]).astype(np.float32)


def _places(new: Network, old: Network) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where the parameters that both networks have lie in the one and in the other."""
    pairs: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
    news, olds = list(new.layers), list(old.layers)
    for depth in range(min(len(new.hidden_layers), len(old.hidden_layers))):
        units = np.arange(min(news[depth].outputs, olds[depth].outputs))
        pairs += _shared(news[depth], units, olds[depth], units, joined=True)
    labels = sorted(set(new.classes) & set(old.classes))
    new_units = np.searchsorted(new.classes, labels)
    old_units = np.searchsorted(old.classes, labels)
    same_depth = len(news) == len(olds)
    pairs += _shared(news[-1], new_units, olds[-1], old_units, joined=same_depth)
    return np.concatenate([n for n, _ in pairs]), np.concatenate([o for _, o in pairs])


def _shared(
    new: Layer,
    new_units: NDArray[np.intp],
    old: Layer,
    old_units: NDArray[np.intp],
    *,
    joined: bool,
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Return the places of these units' biases and, where the inputs are the same, weights."""
    pairs = [(new.biases + new_units, old.biases + old_units)]
    if joined:
        inputs = np.arange(min(new.inputs, old.inputs))
        pairs.append(
            (
                (new.start + new_units[:, None] * new.inputs + inputs).ravel(),
                (old.start + old_units[:, None] * old.inputs + inputs).ravel(),
            )
        )
    return pairs
