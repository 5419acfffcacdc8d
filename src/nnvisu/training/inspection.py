"""One request for layer statistics, answered once, over as many slices as it takes."""

import time
from math import inf

from nnvisu import engine
from nnvisu.training.conversion import checkpoint_of, points_of, statistics_message
from nnvisu.training.session import Clock
from nnvisu.wire.messages import Ended, Inspect, Inspected


class Inspection:
    """The computation of an `Inspect` request.

    Attributes:
        over: Whether the answer has been returned.
    """

    due_s = -inf

    def __init__(self, request: Inspect, clock: Clock = time.monotonic) -> None:
        """Raise `messages.ProtocolError` where an array holds illegal numbers."""
        self.over = False
        self._id = request.id
        self._clock = clock
        self._inspection = engine.Inspection(
            checkpoint_of(request.checkpoint, "checkpoint"),
            points_of(request.points, "points"),
            request.l1,
            request.l2,
        )

    def advance(self, slice_s: float, _stretch: float = 1.0) -> Inspected | None:
        """Compute as many pieces as fit into the slice, at least one; answer after the last one."""
        start_s = before_s = self._clock()
        longest_s = 0.0
        while before_s - start_s + longest_s <= slice_s:
            self._inspection.advance()
            if self._inspection.layers is not None:
                self.over = True
                return Inspected(self._id, tuple(map(statistics_message, self._inspection.layers)))
            now_s = self._clock()
            longest_s = max(longest_s, now_s - before_s)
            before_s = now_s
        return None

    def end(self, _ended: Ended | None) -> None:
        """Do nothing: only trainings are ended early."""
