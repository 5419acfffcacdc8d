"""The input of the engine and of the peers: a network in float64, its points, a run."""

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
        l1: The coefficient of the sum of the weights' absolute values.
        l2: The coefficient of half the sum of their squares.
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
        factor: The step schedule's factor.
        clip_norm: The gradient's largest norm, or None.
        weight_decay: For adamw; applies to weights, not to biases.
        steps: The number of updates.
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
    """Another library that implements the same training."""

    @staticmethod
    def gradient(problem: Problem) -> Array:
        """Return the gradient of the loss with its penalties, (P,)."""

    @staticmethod
    def train(problem: Problem, run: Run) -> Array:
        """Return the parameters at the end, (P,)."""
