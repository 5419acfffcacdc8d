"""What the compute threads run for each kind of request."""

from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any, Protocol

from nnvisu import engine
from nnvisu.training.answers import generate, initialise
from nnvisu.training.inspection import Inspection
from nnvisu.training.session import Session
from nnvisu.wire.messages import Ended, Generate, Initialise, Inspect, Reply, Train

prepare = engine.prepare
cache_problems = engine.cache_problems


class Computation(Protocol):
    """The work of one request, done in slices."""

    @property
    def over(self) -> bool:
        """Whether `advance` has returned the last reply."""

    @property
    def due_s(self) -> float:
        """When to call `advance` next (`time.monotonic`); -inf for at once."""

    def advance(self, slice_s: float, stretch: float) -> Reply | None:
        """Compute for about ``slice_s`` seconds; return a reply if one is due.

        ``stretch`` (from 1) multiplies the interval between replies of which there are many.
        Raises `messages.ProtocolError` where the request turns out to be illegal.
        """

    def end(self, ended: Ended | None) -> None:
        """Make the next `advance` the last one. Called for `Train` only."""


class Once:
    """A computation so short that one slice answers it."""

    over = False
    due_s = -inf

    def __init__(self, answer: Callable[[], Reply]) -> None:
        self._answer = answer

    def advance(self, _slice_s: float, _stretch: float) -> Reply:
        """Return the answer."""
        self.over = True
        return self._answer()

    def end(self, _ended: Ended | None) -> None:
        """Do nothing: the next `advance` is the last one anyhow."""


COMPUTATIONS: dict[type, Callable[[Any], Computation]] = {
    Train: Session,
    Initialise: lambda request: Once(partial(initialise, request)),
    Inspect: Inspection,
    Generate: lambda request: Once(partial(generate, request)),
}
"""For each type of message, what opens its computation, or raises `messages.ProtocolError` for an
array that holds illegal numbers."""
