"""Requests, and the expected replies, computed by the engine alone."""

from typing import Any

import msgspec
import numpy as np

from nnvisu import engine
from nnvisu.training.conversion import (
    checkpoint_message,
    checkpoint_of,
    hyperparameters_of,
    network_of,
    points_message,
    points_of,
)
from nnvisu.wire import messages

NETWORK = messages.Network((10, 5), (0, 1, 2))


def a_checkpoint(network: messages.Network = NETWORK, seed: int = 0) -> messages.Checkpoint:
    """Make a fresh checkpoint for Adam."""
    return checkpoint_message(engine.initialise(network_of(network), seed))


def some_points(samples: int = 60, classes: int = 3, seed: int = 0) -> messages.Points:
    """Make labelled points."""
    return points_message(engine.generate("blobs", samples, classes, 0.1, seed))


def a_train(id: int = 1, **changes: Any) -> messages.Train:  # noqa: A002 - the wire's name
    """Make a train request; without changes, for five epochs."""
    fields: dict[str, Any] = {
        "network": NETWORK,
        "checkpoint": a_checkpoint(changes.get("network", NETWORK)),
        "hyperparameters": messages.Hyperparameters(),
        "data": messages.Data(some_points()),
        "budget": messages.Budget(epochs=5),
    }
    return messages.Train(id=id, **{**fields, **changes})


def trained(train: messages.Train, epochs: int) -> messages.Checkpoint:
    """Compute the checkpoint of a request after a number of epochs, without a server."""
    training = engine.Training(
        network_of(train.network),
        checkpoint_of(train.checkpoint, "checkpoint"),
        hyperparameters_of(train.hyperparameters),
        points_of(train.data.training, "data.training"),
    )
    training.advance(epochs * training.steps_per_epoch)
    return checkpoint_message(training.checkpoint())


def floats(*numbers: float) -> bytes:
    """Encode numbers as the wire's float32."""
    return np.array(numbers, "<f4").tobytes()


def with_parameters(checkpoint: messages.Checkpoint, first: float) -> messages.Checkpoint:
    """Replace the first parameter of a checkpoint."""
    parameters = floats(first) + checkpoint.parameters[4:]
    return msgspec.structs.replace(checkpoint, parameters=parameters)
