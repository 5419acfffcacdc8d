"""Compiling or loading every kernel before the first request."""

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

import numpy as np
from numba.core import event

from nnvisu.engine.checkpoint import initialise
from nnvisu.engine.evaluation import evaluate
from nnvisu.engine.hyperparameters import Hyperparameters
from nnvisu.engine.network import Network
from nnvisu.engine.points import Points
from nnvisu.engine.training import Training

PARTS_S = {
    "nopython_type_inference [infer]": 0.75,
    "native_lowering [infer]": 0.95,
    "nopython_type_inference [train]": 1.1,
    "native_lowering [train]": 2.9,
}
"""Numba's passes that take long, with the helpers compiled in them, and what each took once."""

# Functions of Numba that have no types.
_install_listener: Any = event.install_listener


def prepare(progress: Callable[[float], None] | None = None) -> None:
    """Make every kernel ready, calling ``progress`` with the share that is, rising from 0 to 1.

    While kernels are compiled the share is that of `Estimate`, told whenever the compiler shows
    a sign of life; it keeps silent for a seventh of the whole at the most.
    """
    report = progress or (lambda _: None)
    report(0.0)
    one = np.zeros(1, np.float32)
    points = Points(one, one, np.zeros(1, np.uint8))
    network = Network((), (0, 1))
    checkpoint = initialise(network, seed=0)
    teller = _Teller(Estimate(PARTS_S, time.monotonic()), report)
    with ExitStack() as stack:
        for kind in ("numba:run_pass", "numba:llvm_lock"):
            stack.enter_context(_install_listener(kind, teller))
        evaluate(checkpoint, points)
        Training(network, checkpoint, Hyperparameters(), points).advance(1)
    report(1.0)


class Estimate:
    """How much of some work is done: exact whenever a part is, and between by the clock.

    The parts done show this machine's pace, beside that of the machine where they were measured.
    A part under way counts by the time that it has had, and never as more than all of it.
    """

    def __init__(self, parts_s: Mapping[str, float], now_s: float) -> None:
        """Begin with the seconds that each part, by name and in order, took once."""
        self._left_s = dict(parts_s)
        self._total_s = sum(parts_s.values())
        self._start_s = self._mark_s = now_s

    def part_done(self, name: str, now_s: float) -> None:
        """Note that a part is done; other names are passed over."""
        if self._left_s.pop(name, None) is not None:
            self._mark_s = now_s

    def share(self, now_s: float) -> float:
        """Return the share that is done by now, 0 to 1."""
        done_s = self._total_s - sum(self._left_s.values())
        pace = done_s / (self._mark_s - self._start_s) if self._mark_s > self._start_s else 1.0
        under_way_s = next(iter(self._left_s.values()), 0.0)
        return (done_s + min(pace * (now_s - self._mark_s), under_way_s)) / self._total_s


class _Teller(event.Listener):
    """Tells the progress at Numba's events, once for every hundredth."""

    def __init__(self, estimate: Estimate, report: Callable[[float], None]) -> None:
        self._estimate = estimate
        self._report = report
        self._told = 0.0

    def on_start(self, _event: Any) -> None:
        """Tell how far it is."""
        share = self._estimate.share(time.monotonic())
        if self._told + 0.01 <= share < 1:
            self._told = share
            self._report(share)

    def on_end(self, event: Any) -> None:
        """Note what is done, and tell how far it is."""
        if event.kind == "numba:run_pass":
            self._estimate.part_done(event.data["name"], time.monotonic())
        self.on_start(event)
