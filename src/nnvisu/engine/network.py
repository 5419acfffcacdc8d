"""The architecture of a network, and where its parameters lie."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise


@dataclass(frozen=True)
class Layer:
    """One layer's place in the flat parameters: W (outputs, inputs) row-major, then b."""

    inputs: int
    outputs: int
    start: int

    @property
    def biases(self) -> int:
        """Where b starts."""
        return self.start + self.inputs * self.outputs

    @property
    def stop(self) -> int:
        """Where the next layer starts."""
        return self.biases + self.outputs


@dataclass(frozen=True)
class Network:
    """Some features of a point, hidden layers of so many units, one output for each class.

    Without classes it is a network for regression: its one output is a value.

    ``classes`` are the labels that the output units stand for, ascending. ``activation`` is that
    of every hidden unit; the outputs are logits. ``features`` are names among
    `features.FEATURES`, in that order; ``initialiser`` one of `checkpoint.INITIALISERS`: how
    weights begin that are not kept.
    """

    hidden_layers: tuple[int, ...]
    classes: tuple[int, ...]
    activation: str = "tanh"
    features: tuple[str, ...] = ("x", "y")
    initialiser: str = "glorot_uniform"

    @property
    def is_regression(self) -> bool:
        """Whether the output is a value, and no class's."""
        return not self.classes

    @property
    def outputs(self) -> tuple[object, ...]:
        """What the output units stand for: labels, or a value."""
        return self.classes or ("value",)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units of every layer, from inputs to outputs."""
        return (len(self.features), *self.hidden_layers, len(self.outputs))

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The layers of weights, from the first hidden one to the outputs."""
        layers = []
        start = 0
        for inputs, outputs in pairwise(self.sizes):
            layers.append(Layer(inputs, outputs, start))
            start = layers[-1].stop
        return tuple(layers)

    @cached_property
    def parameter_count(self) -> int:
        """Weights and biases together."""
        return self.layers[-1].stop
