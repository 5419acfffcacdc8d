"""Converts messages to the engine's types and back; checks that arrays hold legal numbers."""

from math import isfinite
from typing import cast

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from nnvisu import engine
from nnvisu.model import choices
from nnvisu.wire import messages
from nnvisu.wire.errors import refuse

_FLOAT32 = np.dtype("<f4")
_UINT16 = np.dtype("<u2")


def network_of(network: messages.Network) -> engine.Network:
    """Turn the wire's network into the engine's."""
    return engine.Network(
        network.hidden_layers,
        network.classes,
        network.activation,
        network.features,
        network.initialiser,
    )


def checkpoint_of(checkpoint: messages.Checkpoint, field: str) -> engine.Checkpoint:
    """Turn the wire's checkpoint into the engine's.

    Raises `messages.ProtocolError` for a number that is not finite.
    """
    optimiser = checkpoint.optimiser
    return engine.Checkpoint(
        network=network_of(checkpoint.network),
        parameters=_finite(checkpoint.parameters, f"{field}.parameters"),
        optimiser=engine.Optimiser(
            optimiser.name,
            _finite(optimiser.slots, f"{field}.optimiser.slots"),
            optimiser.steps,
        ),
        step=checkpoint.step,
        epoch=checkpoint.epoch,
        seed=checkpoint.seed,
        position=checkpoint.position,
    )


def points_of(points: messages.Points, field: str) -> engine.Points:
    """Turn the wire's points into the engine's.

    Raises `messages.ProtocolError` for a coordinate outside [-1, 1] or a value that is not finite.
    """
    x = _inside(points.x, f"{field}.x")
    return engine.Points(
        x=x,
        y=_inside(points.y, f"{field}.y"),
        label=np.frombuffer(points.label or bytes(len(x)), np.uint8).copy(),
        value=_finite(points.value, f"{field}.value") if points.value else None,
    )


def hyperparameters_of(hyperparameters: messages.Hyperparameters) -> engine.Hyperparameters:
    """Turn the wire's hyper-parameters into the engine's."""
    return engine.Hyperparameters(**structs.asdict(hyperparameters))


def network_message(network: engine.Network) -> messages.Network:
    """Turn the engine's network into the wire's."""
    return messages.Network(
        network.hidden_layers,
        network.classes,
        cast(choices.Activation, network.activation),
        cast(tuple[choices.Feature, ...], network.features),
        cast(choices.Initialiser, network.initialiser),
    )


def checkpoint_message(checkpoint: engine.Checkpoint) -> messages.Checkpoint:
    """Turn the engine's checkpoint into the wire's."""
    optimiser = checkpoint.optimiser
    return messages.Checkpoint(
        network=network_message(checkpoint.network),
        parameters=_bytes(checkpoint.parameters),
        optimiser=_optimiser_message(optimiser.name, optimiser.slots, optimiser.steps),
        step=checkpoint.step,
        epoch=checkpoint.epoch,
        seed=checkpoint.seed,
        position=checkpoint.position,
    )


def training_message(training: engine.Training, network: messages.Network) -> messages.Checkpoint:
    """Turn a training's state into a checkpoint message without an engine checkpoint in between."""
    start, steps = training.start, training.steps
    memory = start.optimiser
    return messages.Checkpoint(
        network=network,
        parameters=_bytes(training.parameters),
        optimiser=_optimiser_message(memory.name, training.slots, memory.steps + steps),
        step=start.step + steps,
        epoch=training.epoch,
        seed=start.seed,
        position=training.position,
    )


def points_message(points: engine.Points) -> messages.Points:
    """Turn the engine's points into the wire's: with their values, or else with their labels."""
    x, y = _bytes(points.x), _bytes(points.y)
    if points.value is None:
        return messages.Points(x, y, label=points.label.tobytes())
    return messages.Points(x, y, value=_bytes(points.value))


def metrics_message(metrics: engine.Metrics) -> messages.Metrics:
    """Turn the engine's metrics into the wire's."""
    confusion = metrics.confusion
    counts = b"" if confusion is None else confusion.astype(_UINT16).tobytes()
    r2 = None if metrics.r2 is None else _if_finite(metrics.r2)
    return messages.Metrics(_if_finite(metrics.loss), metrics.accuracy, counts, r2)


def statistics_message(statistics: engine.LayerStatistics) -> messages.LayerStatistics:
    """Turn the engine's statistics of a layer into the wire's."""
    return messages.LayerStatistics(
        statistics.weight_norm,
        _if_finite(statistics.gradient_norm),
        statistics.dead,
        statistics.saturated,
        statistics.gradients.astype(_UINT16).tobytes(),
        statistics.gradient_limit,
    )


def _if_finite(number: float) -> float | None:
    """Replace what JSON has no number for by None."""
    return number if isfinite(number) else None


def _optimiser_message(name: str, slots: NDArray[np.float32], steps: int) -> messages.Optimiser:
    return messages.Optimiser(cast(choices.OptimiserName, name), _bytes(slots), steps)


def _bytes(array: NDArray[np.float32]) -> bytes:
    return array.astype(_FLOAT32, copy=False).tobytes()


def _finite(array: bytes, field: str) -> NDArray[np.float32]:
    numbers = np.frombuffer(array, _FLOAT32).astype(np.float32)
    _refuse_first(~np.isfinite(numbers), numbers, field, "finite numbers")
    return numbers


def _inside(array: bytes, field: str) -> NDArray[np.float32]:
    numbers = np.frombuffer(array, _FLOAT32).astype(np.float32)
    # Negated, so that a NaN, which compares false with everything, is outside.
    outside = ~(np.abs(numbers) <= 1)
    _refuse_first(outside, numbers, field, "numbers from -1 to 1")
    return numbers


def _refuse_first(
    bad: NDArray[np.bool_],
    numbers: NDArray[np.float32],
    field: str,
    expected: str,
) -> None:
    if bad.any():
        place = int(bad.argmax())
        raise refuse(field, expected, f"{numbers[place]} at place {place}")
