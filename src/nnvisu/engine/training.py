"""One run of training, in slices of any length."""

from dataclasses import replace

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
    """A run from a checkpoint on, with fixed points and fixed hyper-parameters.

    A checkpoint of another network or optimiser is adapted first, by `initialise(keep=...)`. One
    within an epoch goes on there; if the epoch has no more points at its position, because the
    points or the batch size are others, the next epoch begins. How a run is cut into slices
    changes no bit of it.
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
        if checkpoint.position >= self.steps_per_epoch:
            checkpoint = replace(checkpoint, epoch=checkpoint.epoch + 1, position=0)
        self.diverged: str | None = None
        """Which quantity left the finite range, and in which epoch; None as long as none has."""
        self.epoch = checkpoint.epoch
        """The checkpoint's epoch."""
        self.step_in_epoch = checkpoint.position
        """Updates since the last epoch boundary."""
        self._done = 0
        self._kept_steps = 0
        """Updates from the start of the run to the state that is kept."""
        self.start = checkpoint
        """The checkpoint that the run began with, adapted."""
        self._parameters = _in_vectors(checkpoint.parameters, 1)
        self._slots = _in_vectors(checkpoint.optimiser.slots, SLOTS[name])
        self._gradient: Float32Array = allocate(len(self._parameters))
        boundary: Float32Array = allocate(len(self._parameters) + len(self._slots))
        np.concatenate([self._parameters, self._slots], out=boundary)
        self._kept = boundary.reshape(-1, len(self._parameters))[:, : len(checkpoint.parameters)]
        counters: NDArray[np.int64] = allocate(5, np.int64)
        updates_done = checkpoint.optimiser.steps
        counters[:] = checkpoint.step, checkpoint.epoch, checkpoint.position, updates_done, 0
        decayed: Float32Array = allocate(len(self._parameters))
        for layer in network.layers:
            decayed[layer.start : layer.biases] = 1
        workspace = Workspace(network, batch)
        # With batches, each epoch has its own order of the points: a shuffled copy.
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
        """Run up to ``steps`` updates and return their number: fewer only if training diverges."""
        if self.diverged is not None:
            return 0
        done, state = kernels.train(steps, *self._arguments)
        self._done += done
        since_epoch = self.start.position + self._done
        epochs, self.step_in_epoch = divmod(since_epoch, self.steps_per_epoch)
        self.epoch = self.start.epoch + epochs
        if state != updates.FINE:
            self.diverged = f"the {_QUANTITIES[state]} left the finite range in epoch {self.epoch}"
            self.epoch -= 1
        if self.epoch > self.start.epoch:
            whole = (self.epoch - self.start.epoch) * self.steps_per_epoch
            self._kept_steps = whole - self.start.position
        return done

    def keep(self) -> None:
        """Keep the state within the epoch, as if the epoch ended here; sets ``diverged``."""
        if self.diverged is not None or self.step_in_epoch == 0:
            return
        count, size = self._kept.shape[1], len(self._parameters)
        state = np.stack([self._parameters, *self._slots.reshape(-1, size)])[:, :count]
        if np.isfinite(state).all():
            self._kept[:] = state
            self._kept_steps = self._done
        else:
            self.diverged = f"the weights left the finite range in epoch {self.epoch + 1}"

    @property
    def parameters(self) -> Float32Array:
        """Those at the last epoch boundary, float32 (P,): a view, which `advance` changes."""
        parameters: Float32Array = self._kept[0]
        return parameters

    @property
    def slots(self) -> Float32Array:
        """The optimiser's slots at the last epoch boundary, float32 (k, P): a view too."""
        slots: Float32Array = self._kept[1:]
        return slots

    @property
    def steps(self) -> int:
        """Updates from the start of the run to the state that is kept."""
        return self._kept_steps

    @property
    def position(self) -> int:
        """Updates from the last epoch boundary to the state that is kept."""
        return (self.start.position + self._kept_steps) % self.steps_per_epoch

    def checkpoint(self) -> Checkpoint:
        """Return the state that is kept: the last finite one at an epoch boundary, or later."""
        start, steps = self.start, self.steps
        memory = Optimiser(start.optimiser.name, self.slots.ravel(), start.optimiser.steps + steps)
        return Checkpoint(
            start.network,
            self.parameters.copy(),
            memory,
            start.step + steps,
            self.epoch,
            start.seed,
            self.position,
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
    """Return a copy with each of ``parts`` equal parts padded with zeros to whole vectors."""
    count = len(flat) // parts if parts else 0
    new: Float32Array = allocate(parts * padded(count))
    new.reshape(parts, padded(count))[:, :count] = flat.reshape(parts, count)
    return new
