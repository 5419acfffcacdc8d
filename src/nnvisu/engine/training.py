"""One run of training, cut into slices of any length."""

from dataclasses import dataclass

import numpy as np

from nnvisu.engine import kernels
from nnvisu.engine.checkpoint import Checkpoint, Optimiser, initialise
from nnvisu.engine.network import Network
from nnvisu.engine.points import Points
from nnvisu.engine.workspace import Workspace, inputs_of, targets_of

_OPTIMISERS = {"sgd": kernels.SGD, "rmsprop": kernels.RMSPROP, "adam": kernels.ADAM}
_QUANTITIES = {
    kernels.PARAMETERS: "weights",
    kernels.SLOTS: "optimiser's moments",
    kernels.OUTPUTS: "outputs",
}


@dataclass(frozen=True)
class Hyperparameters:
    """What governs an update.

    ``batch_size`` None means all points at once. The loss that is minimised is the mean
    cross-entropy plus l2/2 times the sum of squared weights (biases are free). ``dropout`` is the
    probability that a hidden unit is left out of an update.
    """

    optimiser: str = "adam"
    learning_rate: float = 0.01
    batch_size: int | None = None
    l2: float = 0.0
    dropout: float = 0.0


class Training:
    """A run from a checkpoint on, over fixed points with fixed hyper-parameters.

    Where the checkpoint is of another network or optimiser, it is adapted as by
    `initialise(keep=...)`. A run cut into slices anywhere gives the same bits as an uncut one.
    """

    def __init__(
        self,
        network: Network,
        checkpoint: Checkpoint,
        hyperparameters: Hyperparameters,
        points: Points,
    ) -> None:
        """Raise ValueError without points, or for a label the network has no output for."""
        if len(points) == 0:
            raise ValueError("training needs at least one point")
        name = hyperparameters.optimiser
        if checkpoint.network != network or checkpoint.optimiser.name != name:
            checkpoint = initialise(network, checkpoint.seed, name, keep=checkpoint)
        n = len(points)
        batch = min(hyperparameters.batch_size or n, n)
        self.steps_per_epoch = -(-n // batch)
        self.diverged: str | None = None
        """Which quantity left the finite range, and in which epoch; then training is over."""
        self._start = checkpoint
        parameters, slots = checkpoint.parameters.copy(), checkpoint.optimiser.slots.copy()
        self._boundary = np.concatenate([parameters, slots])
        self._counters = np.array(
            [checkpoint.step, checkpoint.epoch, 0, checkpoint.optimiser.steps], np.int64
        )
        workspace = Workspace(network, batch)
        self._arguments = (
            workspace.sizes,
            workspace.activation,
            _OPTIMISERS[name],
            float(hyperparameters.learning_rate),
            batch,
            float(hyperparameters.l2),
            float(hyperparameters.dropout),
            checkpoint.seed,
            inputs_of(points.x, points.y),
            targets_of(network, points),
            parameters,
            slots,
            self._boundary,
            self._counters,
            np.arange(n),
            workspace.values,
            workspace.deltas,
            np.zeros_like(parameters),
        )

    @property
    def epoch(self) -> int:
        """Whole epochs that the checkpoint has behind it."""
        return self._start.epoch + self._epochs_done

    @property
    def step_in_epoch(self) -> int:
        """Updates since the last epoch boundary."""
        return int(self._counters[kernels.POSITION])

    def advance(self, steps: int) -> int:
        """Run up to so many updates and return how many; fewer only when training diverges."""
        if self.diverged is not None:
            return 0
        done, state = kernels.train(steps, *self._arguments)
        if state != kernels.FINE:
            epoch = self._counters[kernels.EPOCH]
            self.diverged = f"the {_QUANTITIES[state]} left the finite range in epoch {epoch}"
        return int(done)

    def checkpoint(self) -> Checkpoint:
        """Return the state at the last epoch boundary at which all was finite."""
        start = self._start
        steps = self._epochs_done * self.steps_per_epoch
        p = len(start.parameters)
        memory = Optimiser(
            start.optimiser.name, self._boundary[p:].copy(), start.optimiser.steps + steps
        )
        parameters = self._boundary[:p].copy()
        step = start.step + steps
        return Checkpoint(start.network, parameters, memory, step, self.epoch, start.seed)

    @property
    def _epochs_done(self) -> int:
        ended = int(self._counters[kernels.EPOCH]) - self._start.epoch
        return ended - (self.diverged is not None)
