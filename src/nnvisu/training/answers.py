"""The requests that are answered once and at once: a checkpoint, or points."""

from nnvisu import engine
from nnvisu.training.conversion import (
    checkpoint_message,
    checkpoint_of,
    network_of,
    points_message,
)
from nnvisu.wire.messages import Generate, Generated, Initialise, Initialised


def initialise(request: Initialise) -> Initialised:
    """Answer a request for a checkpoint; raises `messages.ProtocolError` for one that cannot be."""
    keep = None if request.keep is None else checkpoint_of(request.keep, "keep")
    checkpoint = engine.initialise(
        network_of(request.network), request.seed, request.optimiser, keep
    )
    return Initialised(request.id, checkpoint_message(checkpoint))


def generate(request: Generate) -> Generated:
    """Answer a request for points."""
    distribution, samples, noise, seed = (
        request.distribution,
        request.samples,
        request.noise,
        request.seed,
    )
    if distribution in engine.SURFACES:
        points = engine.generate_surface(distribution, samples, noise, seed)
    else:
        points = engine.generate(distribution, samples, request.classes, noise, seed)
    return Generated(request.id, points_message(points))
