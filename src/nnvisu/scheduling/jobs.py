"""What the scheduler's workers do for a connection: train, or answer once.

A task runs on one worker at a time. What it calls of `Seat` is safe on any thread.
"""

from math import inf
from typing import TYPE_CHECKING

from msgspec import structs

from nnvisu.wire.messages import (
    Checkpoint,
    Ended,
    Error,
    Generate,
    Initialise,
    ProtocolError,
    Train,
)

if TYPE_CHECKING:
    from nnvisu.scheduling.client_requests import Seat
    from nnvisu.training.session import Session


class OnceTask:
    """A request that is answered once."""

    due_s = -inf
    ending = False

    def __init__(self, seat: "Seat", request: Initialise | Generate) -> None:
        self.account = seat.account
        self.id = request.id
        self.over = False
        self.seat = seat
        self._request = request

    @property
    def waiting_bytes(self) -> int:
        """How much the request brought."""
        keep = self._request.keep if isinstance(self._request, Initialise) else None
        return _bytes(keep)

    def end(self, ended: Ended | None) -> None:
        """Change nothing: it is at its end after one run anyhow."""

    def run(self, _slice_s: float, _stretch: float) -> None:
        """Compute and send the answer."""
        from nnvisu.training import session

        self.over = True
        try:
            if isinstance(self._request, Initialise):
                self.seat.reply(session.initialise(self._request))
            else:
                self.seat.reply(session.generate(self._request))
        except ProtocolError as refusal:
            self.seat.reply(_for(self.id, refusal))


class TrainTask:
    """A training: opened by its first run, carried on by the following ones."""

    def __init__(self, seat: "Seat", train: Train, number: int) -> None:
        self.account = seat.account
        self.id = train.id
        self.number = number
        self.over = False
        self.seat = seat
        self._state: Train | Session | None = train
        self._last_words: list[Ended | None] = []

    @property
    def due_s(self) -> float:
        """When it wants to run; -inf for at once."""
        if isinstance(self._state, Train | None) or self._last_words:
            return -inf
        return self._state.due_s

    @property
    def waiting_bytes(self) -> int:
        """How much the request brought; none of it is kept once training has begun."""
        # Read once: a worker may be opening it.
        state = self._state
        return _bytes(state.checkpoint) if isinstance(state, Train) else 0

    @property
    def ending(self) -> bool:
        """Whether its next run sends the last frame, and does nothing else."""
        return bool(self._last_words) and not isinstance(self._state, Train)

    def end(self, ended: Ended | None) -> None:
        """Make its next run the last one, which sends the last frame marked with this word."""
        self._last_words.append(ended)

    def run(self, slice_s: float, stretch: float) -> None:
        """Train for about so many seconds; hand over a frame where one is due.

        Frames come by so much rarer than they were asked for.
        """
        if isinstance(self._state, Train):
            self._state = self._open(self._state)
        if self._state is None:
            self.over = True
            return
        if self._last_words:
            self._state.end(self._last_words[0])
        frame = self._state.advance(slice_s, stretch)
        self.over = self._state.over
        if frame is not None:
            self.seat.reply(frame)

    def _open(self, train: Train) -> "Session | None":
        from nnvisu.training.session import Session

        try:
            session = Session(train)
        except ProtocolError as refusal:
            self.seat.reply(_for(self.id, refusal))
            return None
        self.seat.opened(self)
        return session


Task = OnceTask | TrainTask


def _bytes(checkpoint: Checkpoint | None) -> int:
    if checkpoint is None:
        return 0
    return len(checkpoint.parameters) + len(checkpoint.optimiser.slots)


def _for(id_: int, refusal: ProtocolError) -> Error:
    return structs.replace(refusal.error, id=id_)
