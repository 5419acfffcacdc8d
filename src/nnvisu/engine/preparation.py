"""Compiles every kernel, or loads it from the cache, before the first request."""

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
"""Numba's long compiler passes and their duration, measured once; they include the helpers."""

# Functions of Numba that have no types.
_install_listener: Any = event.install_listener


def prepare(progress: Callable[[float], None] | None = None) -> None:
    """Make every kernel ready, calling ``progress`` with the share done, rising from 0 to 1.

    During compilation the share comes from `Estimate`, at each event of the compiler. The longest
    time between two events is a seventh of the whole.
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
    """Estimates the share of work done, from finished parts and the time since.

    The finished parts give this machine's speed relative to the machine of the measured durations.
    The current part counts by its elapsed time, at most as all of it.
    """

    def __init__(self, parts_s: Mapping[str, float], now_s: float) -> None:
        """``parts_s``: the measured duration of each part by name, in order."""
        self._left_s = dict(parts_s)
        self._total_s = sum(parts_s.values())
        self._start_s = self._mark_s = now_s

    def part_done(self, name: str, now_s: float) -> None:
        """Record that a part is done; unknown names are ignored."""
        if self._left_s.pop(name, None) is not None:
            self._mark_s = now_s

    def share(self, now_s: float) -> float:
        """Return the share that is done by now, 0 to 1."""
        done_s = self._total_s - sum(self._left_s.values())
        pace = done_s / (self._mark_s - self._start_s) if self._mark_s > self._start_s else 1.0
        under_way_s = next(iter(self._left_s.values()), 0.0)
        return (done_s + min(pace * (now_s - self._mark_s), under_way_s)) / self._total_s


class _Teller(event.Listener):
    """Reports progress at Numba's events, at steps of at least 0.01."""

    def __init__(self, estimate: Estimate, report: Callable[[float], None]) -> None:
        self._estimate = estimate
        self._report = report
        self._reported = 0.0

    def on_start(self, _event: Any) -> None:
        """Report the share done, if it has grown enough."""
        share = self._estimate.share(time.monotonic())
        if self._reported + 0.01 <= share < 1:
            self._reported = share
            self._report(share)

    def on_end(self, event: Any) -> None:
        """Record a finished pass, then report the share done."""
        if event.kind == "numba:run_pass":
            self._estimate.part_done(event.data["name"], time.monotonic())
        self.on_start(event)
