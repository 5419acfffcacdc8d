"""A session driven by hand, with clocks of the test's own."""

from collections.abc import Iterator

import pytest

from nnvisu import engine
from nnvisu.training.session import Session
from nnvisu.wire import messages
from nnvisu.wire.messages import Frame

SLICE_S = 0.004
STEP_S = 0.0005


class Hands:
    """Clocks that stand still until moved, and the loop that the scheduler would be."""

    def __init__(self) -> None:
        self.now_s = 500.0
        self.cpu_s = 0.0
        self.slices: list[int] = []

    def session(self, train: messages.Train) -> Session:
        return Session(train, clock=lambda: self.now_s, cpu_clock=lambda: self.cpu_s)

    def run(self, session: Session, tick_s: float = 0.001) -> Iterator[Frame]:
        """Let time pass in ticks, and advance whenever the session is due."""
        while not session.over:
            if session.due_s <= self.now_s:
                frame = session.advance(SLICE_S)
                if frame is not None:
                    yield frame
            self.now_s += tick_s


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    """Make every step of the engine cost time by the clocks that the test sets."""
    hands = Hands()
    advance = engine.Training.advance

    def costly(training: engine.Training, steps: int) -> int:
        hands.cpu_s += STEP_S * steps
        hands.slices.append(steps)
        return advance(training, steps)

    monkeypatch.setattr(engine.Training, "advance", costly)
    return hands
