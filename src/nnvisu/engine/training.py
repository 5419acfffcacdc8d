"""One run of training, cut into slices of any length."""

import numpy as np
from numpy.typing import NDArray

from nnvisu.engine import kernels, updates
from nnvisu.engine.checkpoint import Checkpoint, Optimiser, initialise
from nnvisu.engine.features import features_of
from nnvisu.engine.hyperparameters import (
    OPTIMISERS,
    SCHEDULES,
    Hyperparameters,
    settings_of,
)
from nnvisu.engine.network import Network
from nnvisu.engine.points import Float32Array, Points
from nnvisu.engine.workspace import Workspace, allocate, in_rows, padded, targets_of
from nnvisu.model.layout import SLOTS

_QUANTITIES = {
    updates.PARAMETERS: "weights",
    updates.SLOTS: "optimiser's moments",
    updates.OUTPUTS: "outputs",
}


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
        self.epoch = checkpoint.epoch
        """Whole epochs that the checkpoint has behind it."""
        self.step_in_epoch = 0
        """Updates since the last epoch boundary."""
        self._done = 0
        self.start = checkpoint
        """What it goes on from, adapted."""
        self._parameters = _in_vectors(checkpoint.parameters, 1)
        self._slots = _in_vectors(checkpoint.optimiser.slots, SLOTS[name])
        self._gradient: Float32Array = allocate(len(self._parameters))
        boundary: Float32Array = allocate(len(self._parameters) + len(self._slots))
        np.concatenate([self._parameters, self._slots], out=boundary)
        self._kept = boundary.reshape(-1, len(self._parameters))[:, : len(checkpoint.parameters)]
        counters: NDArray[np.int64] = allocate(4, np.int64)
        counters[:] = checkpoint.step, checkpoint.epoch, 0, checkpoint.optimiser.steps
        decayed: Float32Array = allocate(len(self._parameters))
        for layer in network.layers:
            decayed[layer.start : layer.biases] = 1
        workspace = Workspace(network, batch)
        # Batches go through the points in an order of the epoch's own: in a copy.
        drawn = n if batch < n else 0
        rows, row = in_rows(
            *features_of(network.features, points.x, points.y),
            targets_of(network, points),
            copies=2 if drawn else 1,
        )
        self._arguments = (
            workspace.sizes,
            workspace.activation,
            OPTIMISERS[name],
            SCHEDULES[hyperparameters.schedule],
            settings_of(hyperparameters),
            batch,
            checkpoint.seed,
            n,
            rows,
            row,
            decayed,
            self._parameters,
            self._slots,
            boundary,
            counters,
            allocate(drawn, np.int64),
            allocate(padded(drawn), np.int64),
            workspace.values,
            workspace.deltas,
            self._gradient,
        )

    def advance(self, steps: int) -> int:
        """Run up to so many updates and return how many; fewer only when training diverges."""
        if self.diverged is not None:
            return 0
        done, state = kernels.train(steps, *self._arguments)
        self._done += done
        epochs, self.step_in_epoch = divmod(self._done, self.steps_per_epoch)
        self.epoch = self.start.epoch + epochs
        if state != updates.FINE:
            self.diverged = f"the {_QUANTITIES[state]} left the finite range in epoch {self.epoch}"
            self.epoch -= 1
        return done

    @property
    def parameters(self) -> Float32Array:
        """Those at the last epoch boundary, float32 (P,); a view that training goes on changing."""
        parameters: Float32Array = self._kept[0]
        return parameters

    @property
    def slots(self) -> Float32Array:
        """The optimiser's at the last epoch boundary, float32 (k, P); a view as well."""
        slots: Float32Array = self._kept[1:]
        return slots

    @property
    def steps(self) -> int:
        """Updates from the beginning of the run to the last epoch boundary."""
        return (self.epoch - self.start.epoch) * self.steps_per_epoch

    def checkpoint(self) -> Checkpoint:
        """Return the state at the last epoch boundary at which all was finite."""
        start, steps = self.start, self.steps
        memory = Optimiser(start.optimiser.name, self.slots.ravel(), start.optimiser.steps + steps)
        return Checkpoint(
            start.network,
            self.parameters.copy(),
            memory,
            start.step + steps,
            self.epoch,
            start.seed,
        )


def gradient(
    checkpoint: Checkpoint, points: Points, l1: float = 0.0, l2: float = 0.0
) -> Float32Array:
    """Return the gradient of the loss over all points, penalties included, float32 (P,).

    Raises ValueError as `Training` does.
    """
    plain = Hyperparameters("sgd", l1=l1, l2=l2)
    training = Training(checkpoint.network, checkpoint, plain, points)
    training.advance(1)
    return training._gradient[: len(checkpoint.parameters)].copy()


def _in_vectors(flat: Float32Array, parts: int) -> Float32Array:
    """Return a copy in which each of the parts is padded with zeros to whole vectors."""
    count = len(flat) // parts if parts else 0
    new: Float32Array = allocate(parts * padded(count))
    new.reshape(parts, padded(count))[:, :count] = flat.reshape(parts, count)
    return new
