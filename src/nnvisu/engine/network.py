"""The architecture of a network."""

from dataclasses import dataclass
from functools import cached_property

from nnvisu.model import layout


@dataclass(frozen=True)
class Network:
    """An architecture: features of a point, hidden layers, an output for each class.

    Attributes:
        hidden_layers: The units of each hidden layer.
        classes: The labels that the output units stand for, ascending. Without any the network
            is for regression: it has one output, a value.
        activation: Of every hidden unit; a name of `choices.Activation`. The outputs are logits.
        features: The inputs, names of `choices.Feature` in that order.
        initialiser: The distribution of new weights; a name of `choices.Initialiser`.
    """

    hidden_layers: tuple[int, ...]
    classes: tuple[int, ...]
    activation: str = "tanh"
    features: tuple[str, ...] = ("x", "y")
    initialiser: str = "glorot_uniform"

    @property
    def is_regression(self) -> bool:
        """Whether the one output is a value."""
        return not self.classes

    @property
    def outputs(self) -> tuple[object, ...]:
        """What the output units stand for: labels, or a value."""
        return self.classes or ("value",)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units of every layer, inputs and outputs included."""
        return layout.sizes(self.features, self.hidden_layers, self.classes)

    @cached_property
    def layers(self) -> tuple[layout.Layer, ...]:
        """The layers of weights, from the first hidden one to the outputs."""
        return layout.layers(self.sizes)

    @cached_property
    def parameter_count(self) -> int:
        """Weights and biases together."""
        return layout.parameter_count(self.sizes)
