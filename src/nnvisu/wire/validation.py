"""Checks what the types of a request cannot express: that its fields fit each other."""

from itertools import pairwise
from typing import get_args

from nnvisu.model.choices import Feature
from nnvisu.model.layout import SLOTS
from nnvisu.wire.errors import refuse
from nnvisu.wire.messages import (
    MAX_SAMPLES,
    Checkpoint,
    Data,
    Initialise,
    Inspect,
    Network,
    Points,
    Request,
    Train,
)

FLOAT32_BYTES = 4
_FEATURES = get_args(Feature)

MAX_RESUMED = 2**52
"""The largest count of steps or epochs that a training goes on from: it leaves room for as many."""


def check(request: Request) -> None:
    """Raise `ProtocolError` where fields of a request contradict each other."""
    match request:
        case Train():
            check_network(request.network, "network")
            check_checkpoint(request.checkpoint, "checkpoint")
            _check_counts(request.checkpoint, "checkpoint")
            _check_data(request.data, request.network)
            if request.stop_conditions.patience is not None and not request.data.test.x:
                raise refuse("stop_conditions.patience", "test points to look at", "none")
        case Initialise():
            check_network(request.network, "network")
            if request.keep is not None:
                check_checkpoint(request.keep, "keep")
        case Inspect():
            check_checkpoint(request.checkpoint, "checkpoint")
            samples = len(request.points.x) // FLOAT32_BYTES
            _check_samples(samples, "points")
            _check_points(request.points, request.checkpoint.network, "points")
            if not samples:
                raise refuse("points", "at least 1 point", "none")


def check_network(network: Network, field: str) -> None:
    """Raise `ProtocolError` for an invalid number or order of classes or features."""
    if len(network.classes) == 1:
        expected = "no label (regression) or at least 2 (classification)"
        raise refuse(f"{field}.classes", expected, "1")
    if any(left >= right for left, right in pairwise(network.classes)):
        got = ", ".join(map(str, network.classes))
        raise refuse(f"{field}.classes", "ascending labels without repetition", got)
    check_features(network.features, f"{field}.features")


def check_features(features: tuple[Feature, ...], field: str) -> None:
    """Raise `ProtocolError` for features that are out of order or duplicated."""
    places = [_FEATURES.index(feature) for feature in features]
    if any(left >= right for left, right in pairwise(places)):
        order = ", ".join(_FEATURES)
        raise refuse(field, f"some of {order}, in this order, each once", ", ".join(features))


def check_checkpoint(checkpoint: Checkpoint, field: str) -> None:
    """Raise `ProtocolError` for an invalid network, or for arrays that do not have its size."""
    check_network(checkpoint.network, f"{field}.network")
    count = checkpoint.network.parameter_count
    name = checkpoint.optimiser.name
    _check_bytes(checkpoint.parameters, FLOAT32_BYTES * count, f"{field}.parameters")
    _check_bytes(
        checkpoint.optimiser.slots, FLOAT32_BYTES * count * SLOTS[name], f"{field}.optimiser.slots"
    )


def _check_counts(checkpoint: Checkpoint, field: str) -> None:
    """Raise `ProtocolError` if the counts could grow beyond the integers of the messages."""
    counts = {
        "step": checkpoint.step,
        "epoch": checkpoint.epoch,
        "optimiser.steps": checkpoint.optimiser.steps,
    }
    for name, value in counts.items():
        if value > MAX_RESUMED:
            raise refuse(f"{field}.{name}", f"at most {MAX_RESUMED} to train on", f"{value}")


def _check_bytes(array: bytes, size: int, field: str) -> None:
    if len(array) != size:
        raise refuse(field, f"{size} bytes for this network and optimiser", f"{len(array)} bytes")


def _check_data(data: Data, network: Network) -> None:
    samples = (len(data.training.x) + len(data.test.x)) // FLOAT32_BYTES
    _check_samples(samples, "data")
    _check_points(data.training, network, "data.training")
    _check_points(data.test, network, "data.test")
    if not data.training.x:
        raise refuse("data.training", "at least 1 point", "none")


def _check_samples(samples: int, field: str) -> None:
    if samples > MAX_SAMPLES:
        raise refuse(field, f"at most {MAX_SAMPLES} points", f"{samples}")


def _check_points(points: Points, network: Network, field: str) -> None:
    if network.classes:
        _check_labelled(points, network, field)
    else:
        _check_valued(points, field)


def _check_labelled(points: Points, network: Network, field: str) -> None:
    check_sizes(points.x, points.y, FLOAT32_BYTES * len(points.label), "label", field)
    if points.value:
        raise refuse(f"{field}.value", "no values for a network with classes", "some")
    if unknown := points.label.translate(None, bytes(network.classes)):
        labels = ", ".join(map(str, network.classes))
        raise refuse(f"{field}.label", f"labels of the network ({labels})", f"{unknown[0]}")


def _check_valued(points: Points, field: str) -> None:
    check_sizes(points.x, points.y, len(points.value), "value", field)
    if points.label:
        raise refuse(f"{field}.label", "no labels for a network without classes", "some")
    if len(points.value) % FLOAT32_BYTES:
        expected = f"a multiple of {FLOAT32_BYTES} bytes"
        raise refuse(f"{field}.value", expected, f"{len(points.value)} bytes")


def check_sizes(x: bytes, y: bytes, size: int, owner: str, field: str) -> None:
    """Raise `ProtocolError` where x or y does not have `size` bytes."""
    for name, array in (("x", x), ("y", y)):
        if len(array) != size:
            expected = f"{size} bytes, four for each {owner}"
            raise refuse(f"{field}.{name}", expected, f"{len(array)} bytes")
