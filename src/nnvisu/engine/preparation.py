"""Compiling or loading every kernel before the first request."""

from collections.abc import Callable

import numpy as np

from nnvisu.engine.checkpoint import initialise
from nnvisu.engine.evaluation import evaluate
from nnvisu.engine.hyperparameters import Hyperparameters
from nnvisu.engine.network import Network
from nnvisu.engine.points import Points
from nnvisu.engine.training import Training


def prepare(progress: Callable[[float], None] | None = None) -> None:
    """Make every kernel ready, calling ``progress`` with the share that is, from 0 to 1."""
    report = progress or (lambda _: None)
    report(0.0)
    one = np.zeros(1, np.float32)
    points = Points(one, one, np.zeros(1, np.uint8))
    network = Network((), (0, 1))
    checkpoint = initialise(network, seed=0)
    evaluate(checkpoint, points)
    report(0.4)
    Training(network, checkpoint, Hyperparameters(), points).advance(1)
    report(1.0)
