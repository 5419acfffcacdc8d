"""Stretches the intervals between all frames while the server is overloaded.

Fewer frames for all clients leave more time for training, and no frame is stale when it is sent. A
plain data structure without threads.
"""

ADJUST_S = 0.2
"""Time between adjustments."""
LATE_S = 0.08
"""Above this mean delay, frames become rarer."""
ON_TIME_S = 0.03
"""Below this mean delay, frames become more frequent."""
SLOWER, FASTER = 1.2, 0.93
MAX_STRETCH = 10.0


class FrameRate:
    """Controls the frame rate of all trainings by the observed delays.

    Attributes:
        stretch: What the intervals between frames are multiplied by, 1 to `MAX_STRETCH`.
    """

    def __init__(self, now_s: float) -> None:
        self.stretch = 1.0
        self._sum_s = 0.0
        self._count = 0
        self._due_s = now_s + ADJUST_S

    def observe(self, late_s: float, now_s: float) -> None:
        """Record the delay of something that had a due time."""
        self._sum_s += late_s
        self._count += 1
        if now_s >= self._due_s:
            mean_s = self._sum_s / self._count
            if mean_s > LATE_S:
                self.stretch = min(self.stretch * SLOWER, MAX_STRETCH)
            elif mean_s < ON_TIME_S:
                self.stretch = max(self.stretch * FASTER, 1.0)
            self._sum_s, self._count = 0.0, 0
            self._due_s = now_s + ADJUST_S
