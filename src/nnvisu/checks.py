"""What a request's types cannot say: how its parts must fit together."""

from itertools import pairwise
from typing import get_args

from nnvisu.protocol import (
    MAX_SAMPLES,
    SLOTS,
    Checkpoint,
    Data,
    Feature,
    Initialise,
    Network,
    Points,
    Request,
    Train,
)
from nnvisu.refusal import refuse

FLOAT32_BYTES = 4
_FEATURES = get_args(Feature)


def check(request: Request) -> None:
    """Raise `ProtocolError` where the parts of a request contradict each other."""
    match request:
        case Train():
            _check_network(request.network, "network")
            _check_checkpoint(request.checkpoint, "checkpoint")
            _check_data(request.data, request.network)
        case Initialise():
            _check_network(request.network, "network")
            if request.keep is not None:
                _check_checkpoint(request.keep, "keep")


def _check_network(network: Network, field: str) -> None:
    if any(left >= right for left, right in pairwise(network.classes)):
        got = ", ".join(map(str, network.classes))
        raise refuse(f"{field}.classes", "ascending labels without repetition", got)
    places = [_FEATURES.index(feature) for feature in network.features]
    if any(left >= right for left, right in pairwise(places)):
        order = ", ".join(_FEATURES)
        got = ", ".join(network.features)
        raise refuse(f"{field}.features", f"some of {order}, in this order, each once", got)


def _check_checkpoint(checkpoint: Checkpoint, field: str) -> None:
    _check_network(checkpoint.network, f"{field}.network")
    count = checkpoint.network.parameter_count
    name = checkpoint.optimiser.name
    _check_bytes(checkpoint.parameters, FLOAT32_BYTES * count, f"{field}.parameters")
    _check_bytes(
        checkpoint.optimiser.slots, FLOAT32_BYTES * count * SLOTS[name], f"{field}.optimiser.slots"
    )


def _check_bytes(array: bytes, size: int, field: str) -> None:
    if len(array) != size:
        raise refuse(field, f"{size} bytes for this network and optimiser", f"{len(array)} bytes")


def _check_data(data: Data, network: Network) -> None:
    samples = len(data.training.label) + len(data.test.label)
    if samples > MAX_SAMPLES:
        raise refuse("data", f"at most {MAX_SAMPLES} points", f"{samples}", MAX_SAMPLES)
    _check_points(data.training, network, "data.training")
    _check_points(data.test, network, "data.test")
    if not data.training.label:
        raise refuse("data.training", "at least 1 point", "none", 1)


def _check_points(points: Points, network: Network, field: str) -> None:
    size = FLOAT32_BYTES * len(points.label)
    for name, array in (("x", points.x), ("y", points.y)):
        if len(array) != size:
            raise refuse(
                f"{field}.{name}", f"{size} bytes, four for each label", f"{len(array)} bytes"
            )
    if strangers := points.label.translate(None, bytes(network.classes)):
        labels = ", ".join(map(str, network.classes))
        raise refuse(f"{field}.label", f"labels of the network ({labels})", f"{strangers[0]}")
