"""What the engine and its peers are asked alike: a network in float64, its points, a run."""

from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from tests.unit.engine.oracle.network import Array


@dataclass(frozen=True, eq=False)
class Problem:
    """A network and its points.

    Attributes:
        sizes: Units of every layer.
        activation: Of the hidden units, by name.
        parameters: Flat, as the engine has them, float64 (P,).
        inputs: Float64 (features, n).
        targets: Output units, whole numbers (n,), for the cross-entropy; or values, float64 (n,),
            for the mean squared error.
        l1: What the sum of the weights' absolute values is multiplied by.
        l2: What half the sum of their squares is multiplied by.
    """

    sizes: tuple[int, ...]
    activation: str
    parameters: Array
    inputs: Array
    targets: NDArray[Any]
    l1: float = 0.0
    l2: float = 0.0


@dataclass(frozen=True)
class Run:
    """How a network is trained, over all points at once.

    Attributes:
        optimiser: sgd, momentum, nesterov, rmsprop, adam or adamw.
        learning_rate: Before the schedule.
        schedule: constant, step, cosine or warm_up.
        period: The schedule's, in steps.
        factor: What the schedule by steps multiplies with.
        clip_norm: The gradient's largest norm, or None.
        weight_decay: Of weights, not of biases; for adamw.
        steps: How many updates there are.
    """

    optimiser: str
    learning_rate: float
    schedule: str
    period: int
    factor: float
    clip_norm: float | None
    weight_decay: float
    steps: int


class Peer(Protocol):
    """Another library that does what the engine does."""

    @staticmethod
    def gradient(problem: Problem) -> Array:
        """Return the gradient of the loss with its penalties, (P,)."""

    @staticmethod
    def train(problem: Problem, run: Run) -> Array:
        """Return the parameters at the end, (P,)."""
