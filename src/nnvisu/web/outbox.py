"""Unsent replies of a connection: answers in order, and of each training only the newest frame."""

from collections import deque

from nnvisu.wire.messages import Frame, Reply

CREDITS = 2
"""Frames of a training that may be unacknowledged."""


class Outbox:
    """The replies that wait to be sent.

    Sending a frame takes a credit, which its acknowledgement returns. Without credit, a newer
    frame replaces the waiting one. A training's last frame is queued as an answer: it needs no
    credit and is never replaced.

    Attributes:
        draining: Whether frames are sent without credit, because no newer ones will come.
    """

    def __init__(self) -> None:
        self.draining = False
        self._answers: deque[Reply] = deque()
        self._newest: dict[int, Frame] = {}
        self._unacknowledged: dict[int, list[int]] = {}

    def __len__(self) -> int:
        """Count the answers; frames that may still be replaced do not count."""
        return len(self._answers)

    def put(self, reply: Reply) -> None:
        """Add a reply; a frame replaces the waiting one of its training."""
        if not isinstance(reply, Frame):
            self._answers.append(reply)
        elif reply.ended is None:
            self._newest[reply.id] = reply
        else:
            self._newest.pop(reply.id, None)
            self._unacknowledged.pop(reply.id, None)
            self._answers.append(reply)

    def acknowledge(self, id: int, step: int) -> bool:  # noqa: A002 - the wire's name
        """Return a frame's credit; tell whether another frame of the training waits.

        Acknowledgements of unknown frames and past trainings are ignored.
        """
        steps = self._unacknowledged.get(id)
        if steps is not None and step in steps:
            steps.remove(step)
        return id in self._newest

    def take(self) -> Reply | None:
        """Remove and return the next reply that may be sent; None if there is none."""
        if self._answers:
            return self._answers.popleft()
        for id_, frame in self._newest.items():
            steps = self._unacknowledged.setdefault(id_, [])
            if self.draining or len(steps) < CREDITS:
                steps.append(frame.checkpoint.step)
                return self._newest.pop(id_)
        return None
