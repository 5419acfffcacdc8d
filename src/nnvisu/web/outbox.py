"""What waits to be sent on a connection: answers in their order, and of frames only the newest.

A plain structure: connection.py sends what `take` gives.
"""

from collections import deque

from nnvisu.wire.messages import Frame, Reply

CREDITS = 2
"""Frames of a training that may be unacknowledged."""


class Outbox:
    """Replies that have not been sent.

    A frame needs a credit, which its acknowledgement gives back; while there is none, a newer
    frame replaces the waiting one. A training's last frame needs no credit, for it is never
    replaced and there is only one.
    """

    def __init__(self) -> None:
        self._answers: deque[Reply] = deque()
        self._newest: dict[int, Frame] = {}
        self._unacknowledged: dict[int, list[int]] = {}
        self.drains = False
        """Whether waiting frames go out without credit: there will be no newer ones."""

    def __len__(self) -> int:
        """Count the answers, without the frames that may still be replaced."""
        return len(self._answers)

    def put(self, reply: Reply) -> None:
        """Add a reply; a frame takes the place of the waiting one of its training."""
        if not isinstance(reply, Frame):
            self._answers.append(reply)
        elif reply.ended is None:
            self._newest[reply.id] = reply
        else:
            self._newest.pop(reply.id, None)
            self._unacknowledged.pop(reply.id, None)
            self._answers.append(reply)

    def acknowledge(self, id: int, step: int) -> bool:  # noqa: A002 - the wire's name
        """Give a frame's credit back; return whether a frame waits for it.

        What is unknown or of a past training changes nothing.
        """
        steps = self._unacknowledged.get(id)
        if steps is not None and step in steps:
            steps.remove(step)
        return id in self._newest

    def take(self) -> Reply | None:
        """Take out what may be sent now; None if there is nothing."""
        if self._answers:
            return self._answers.popleft()
        for id_, frame in self._newest.items():
            steps = self._unacknowledged.setdefault(id_, [])
            if self.drains or len(steps) < CREDITS:
                steps.append(frame.checkpoint.step)
                return self._newest.pop(id_)
        return None
