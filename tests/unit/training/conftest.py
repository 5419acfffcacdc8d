"""Runs a session step by step, with a manual clock."""

from collections.abc import Iterator

import pytest

from nnvisu import engine
from nnvisu.training.session import Session
from nnvisu.wire import messages
from nnvisu.wire.messages import Frame

SLICE_S = 0.004
STEP_S = 0.0005


class SessionDriver:
    """Manual clocks, and a loop that stands in for the scheduler."""

    def __init__(self) -> None:
        self.now_s = 500.0
        self.cpu_s = 0.0
        self.slices: list[int] = []

    def session(self, train: messages.Train) -> Session:
        return Session(train, clock=lambda: self.now_s, cpu_clock=lambda: self.cpu_s)

    def run(self, session: Session, tick_s: float = 0.001) -> Iterator[Frame]:
        """Advance the clock in ticks, and run a slice whenever the session is due."""
        while not session.over:
            if session.due_s <= self.now_s:
                frame = session.advance(SLICE_S)
                if frame is not None:
                    yield frame
            self.now_s += tick_s


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> SessionDriver:
    """A session driver; every step of the engine advances its clocks."""
    driver = SessionDriver()
    advance = engine.Training.advance

    def costly(training: engine.Training, steps: int) -> int:
        driver.cpu_s += STEP_S * steps
        driver.slices.append(steps)
        return advance(training, steps)

    monkeypatch.setattr(engine.Training, "advance", costly)
    return driver
