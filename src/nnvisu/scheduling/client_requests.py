"""A connection's place at the scheduler: its requests, and how much it has been served."""

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

from nnvisu.observability.logs import CONNECTION
from nnvisu.scheduling.jobs import OnceTask, Task, TrainTask
from nnvisu.scheduling.run_queue import Account
from nnvisu.wire.messages import Error, Generate, Initialise, Reply, Train

if TYPE_CHECKING:
    from nnvisu.scheduling.scheduler import Scheduler

MAX_UNANSWERED = 16
"""Requests that one connection may have waiting or running."""
MAX_WAITING_BYTES = 3_000_000
"""What their checkpoints may hold before one more is refused."""


class Seat:
    """What a connection holds of the scheduler.

    The event loop calls `ask`, `stop` and `leave`; workers call `reply` and `opened`.
    """

    def __init__(self, scheduler: "Scheduler", deliver: Callable[[Reply], None]) -> None:
        self.account = Account()
        self.connection = CONNECTION.get()
        self.deliver = deliver
        self.tasks: set[Task] = set()
        self._scheduler = scheduler
        self._running: TrainTask | None = None
        self._newest = -1
        self._numbers = count()

    def ask(self, request: Train | Initialise | Generate) -> None:
        """Queue a request; a legal training supersedes the running one as soon as it is opened."""
        if len(self.tasks) >= MAX_UNANSWERED:
            sentence = f"expected at most {MAX_UNANSWERED} unanswered requests, got one more"
            self.deliver(Error(message=sentence, id=request.id, limit=MAX_UNANSWERED))
        elif self._waiting_bytes() > MAX_WAITING_BYTES:
            sentence = f"expected at most {MAX_WAITING_BYTES} unanswered bytes, got more"
            self.deliver(Error(message=sentence, id=request.id, limit=MAX_WAITING_BYTES))
        elif isinstance(request, Train):
            self._scheduler.add(self, TrainTask(self, request, next(self._numbers)))
        else:
            self._scheduler.add(self, OnceTask(self, request))

    def _waiting_bytes(self) -> int:
        # A copy, because workers take out what is finished.
        return sum(task.waiting_bytes for task in list(self.tasks))

    def stop(self, id: int) -> None:  # noqa: A002 - the wire's name
        """End the trainings of this id; their last frames are the answer."""
        for task in list(self.tasks):
            if task.id == id:
                self._scheduler.end(task, "stopped")

    def leave(self) -> None:
        """Drop everything: nobody is there any more to be answered."""
        self._scheduler.remove(self)

    def reply(self, reply: Reply) -> None:
        """Hand a reply over to the event loop."""
        self._scheduler.post(self, reply)

    def opened(self, training: TrainTask) -> None:
        """Let the newest of the trainings go on, and end the other."""
        with self._scheduler.lock:
            running, self._running = self._running, training
            outdated = training if training.number < self._newest else running
            if outdated is training:
                self._running = running
            self._newest = max(self._newest, training.number)
        if outdated is not None:
            self._scheduler.end(outdated, "superseded")

    def finished(self, task: Task) -> None:
        """Forget a task that is over; the scheduler calls it, holding the lock."""
        self.tasks.discard(task)
        if self._running is task:
            self._running = None
