"""Hyper-parameters, and the array in which kernels read them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnvisu.engine import updates

OPTIMISERS = {
    "sgd": updates.SGD,
    "momentum": updates.MOMENTUM,
    "rmsprop": updates.RMSPROP,
    "adam": updates.ADAM,
    "adamw": updates.ADAM,
}
SCHEDULES = {
    "constant": updates.CONSTANT,
    "step": updates.STEPWISE,
    "cosine": updates.COSINE,
    "warm_up": updates.WARM_UP,
}


@dataclass(frozen=True)
class Hyperparameters:
    """The hyper-parameters of an update. All may change from one run to the next.

    The objective is the mean loss over the batch, plus ``l1`` times the sum of the weights'
    absolute values, plus ``l2``/2 times the sum of their squares. Biases have no penalty.

    Attributes:
        optimiser: sgd, momentum, rmsprop, adam or adamw.
        learning_rate: Before the schedule.
        batch_size: Points in a batch; None means all of them.
        dropout: The probability with which a hidden unit is left out of an update, below 1.
        nesterov: For momentum: whether to use Nesterov's gradient.
        weight_decay: For adamw: an update subtracts this times the learning rate times the weight.
        clip_norm: The largest norm of a gradient, penalties included; None means any.
        schedule: constant; step (times ``schedule_factor`` every ``schedule_epochs``); cosine
            (down to 0 at ``schedule_epochs``); warm_up (rising until ``schedule_epochs``). Epochs
            are the checkpoint's, counted from its first.
    """

    optimiser: str = "adam"
    learning_rate: float = 0.01
    batch_size: int | None = None
    l2: float = 0.0
    dropout: float = 0.0
    l1: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.01
    clip_norm: float | None = None
    schedule: str = "constant"
    schedule_epochs: int = 100
    schedule_factor: float = 0.5


def settings_of(hyperparameters: Hyperparameters) -> NDArray[np.float64]:
    """Return the ``settings`` array of the kernels, float64 (updates.SETTINGS,)."""
    settings = np.zeros(updates.SETTINGS)
    settings[updates.LEARNING_RATE] = hyperparameters.learning_rate
    settings[updates.PERIOD] = hyperparameters.schedule_epochs
    settings[updates.FACTOR] = hyperparameters.schedule_factor
    settings[updates.NESTEROV] = hyperparameters.nesterov
    settings[updates.L1] = hyperparameters.l1
    settings[updates.L2] = hyperparameters.l2
    settings[updates.CLIP_NORM] = hyperparameters.clip_norm or 0.0
    settings[updates.DROPOUT] = hyperparameters.dropout
    if hyperparameters.optimiser == "adamw":
        settings[updates.WEIGHT_DECAY] = hyperparameters.weight_decay
    return settings
