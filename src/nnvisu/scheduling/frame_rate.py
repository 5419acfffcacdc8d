"""How far behind the server is, and how much rarer all frames are for it.

Fewer frames for everybody, rather than stale ones for some: what is saved goes into training and
into answering in time. A plain structure, no threads.
"""

PERIOD_S = 0.2
"""How often the rate is adjusted."""
LATE_S = 0.08
"""On average this late, the server has too much to do."""
PUNCTUAL_S = 0.03
"""Less late than this, there is room for more frames."""
SLOWER, FASTER = 1.2, 0.93
MOST = 10.0


class FrameRate:
    """Told of every delay; tells by what all intervals between frames are to be multiplied.

    Attributes:
        stretch: From 1, as often as asked for, to `MOST`.
    """

    def __init__(self, now_s: float) -> None:
        self.stretch = 1.0
        self._sum_s = 0.0
        self._count = 0
        self._due_s = now_s + PERIOD_S

    def observe(self, late_s: float, now_s: float) -> None:
        """Note by how much something came late that was due at a time."""
        self._sum_s += late_s
        self._count += 1
        if now_s >= self._due_s:
            mean_s = self._sum_s / self._count
            if mean_s > LATE_S:
                self.stretch = min(self.stretch * SLOWER, MOST)
            elif mean_s < PUNCTUAL_S:
                self.stretch = max(self.stretch * FASTER, 1.0)
            self._sum_s, self._count = 0.0, 0
            self._due_s = now_s + PERIOD_S
