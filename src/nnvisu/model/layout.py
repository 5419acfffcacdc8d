"""The shape of a network, and where its numbers lie in flat arrays.

The parameters (P,) are, for each layer from the first hidden one to the outputs, W (outputs,
inputs) row-major, then b (outputs,). An optimiser's k slots (k * P,) lie one behind the other, each
in the parameters' layout.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

SLOTS: Mapping[str, int] = {"sgd": 0, "momentum": 1, "rmsprop": 1, "adam": 2, "adamw": 2}
"""How many slots each optimiser of `choices.OptimiserName` has."""


def biases_at(start: int, inputs: int, outputs: int) -> int:
    """Return where b of a layer begins whose W begins at ``start``."""
    return start + inputs * outputs


def layer_stop(start: int, inputs: int, outputs: int) -> int:
    """Return where a layer ends, and the next one begins, whose W begins at ``start``."""
    return start + (inputs + 1) * outputs


@dataclass(frozen=True)
class Layer:
    """One layer's place in the flat parameters: W begins at ``start``."""

    inputs: int
    outputs: int
    start: int

    @property
    def biases(self) -> int:
        """Where b begins."""
        return biases_at(self.start, self.inputs, self.outputs)

    @property
    def stop(self) -> int:
        """Where the next layer begins."""
        return layer_stop(self.start, self.inputs, self.outputs)


def sizes(
    features: Sequence[str], hidden_layers: tuple[int, ...], classes: Sequence[int]
) -> tuple[int, ...]:
    """Return the units of every layer, inputs and outputs included; regression has one output."""
    return (len(features), *hidden_layers, len(classes) or 1)


def layers(units: Sequence[int]) -> tuple[Layer, ...]:
    """Return the layers of weights of a network with these `sizes`, one behind the other."""
    found: list[Layer] = []
    for inputs, outputs in pairwise(units):
        found.append(Layer(inputs, outputs, found[-1].stop if found else 0))
    return tuple(found)


def parameter_count(units: Sequence[int]) -> int:
    """Return the number of weights and biases of a network with these `sizes`."""
    return layers(units)[-1].stop
