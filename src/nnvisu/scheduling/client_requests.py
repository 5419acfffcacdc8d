"""One connection's requests: limits how many may be unanswered, and tracks the running training."""

from collections.abc import Callable
from itertools import count

from nnvisu.scheduling.jobs import Job, Message
from nnvisu.scheduling.scheduler import Scheduler
from nnvisu.wire.messages import Error, Reply

MAX_UNANSWERED = 16
"""Requests of one connection that may be queued or running."""
MAX_WAITING_BYTES = 3_000_000
"""Once the checkpoints of queued requests are larger, one more request is refused."""


class ClientRequests:
    """The jobs of one connection.

    The event loop calls `ask`, `stop`, `leave` and `deliver`; compute threads call `reply` and
    `opened`.

    Attributes:
        account: The processor time that all jobs of the connection share.
        deliver: Called on the event loop with each reply.
    """

    def __init__(
        self, scheduler: Scheduler, deliver: Callable[[Reply], None], address: str = ""
    ) -> None:
        """``address``: what the processor time is shared by first."""
        self.account = scheduler.account(address)
        self.deliver = deliver
        self._scheduler = scheduler
        self._jobs: list[Job] = []
        self._running: Job | None = None
        self._newest = -1
        self._numbers = count()

    @property
    def unanswered(self) -> list[Job]:
        """The jobs that are queued or running."""
        return [job for job in self._jobs if not job.over]

    def ask(self, request: Message) -> None:
        """Queue a request; a legal training supersedes the running one once it is opened."""
        unanswered = self.unanswered
        if len(unanswered) >= MAX_UNANSWERED:
            sentence = f"A connection may have {MAX_UNANSWERED} unanswered requests at most."
            self.deliver(Error(message=sentence, id=request.id))
        elif sum(job.waiting_bytes for job in unanswered) > MAX_WAITING_BYTES:
            sentence = f"Unanswered requests may hold {MAX_WAITING_BYTES} bytes at most."
            self.deliver(Error(message=sentence, id=request.id))
        else:
            job = Job(self, request, next(self._numbers))
            self._jobs = [*unanswered, job]
            self._scheduler.add(job)

    def stop(self, id: int) -> None:  # noqa: A002 - the wire's name
        """End the trainings with this id; their last frames are the answer."""
        for job in self._jobs:
            if job.id == id:
                self._scheduler.end(job, "stopped")

    def leave(self) -> None:
        """Drop all jobs and replies: the connection is closed."""
        self.deliver = _ignore
        self._scheduler.remove(self._jobs)
        self._jobs = []
        self._running = None

    def reply(self, reply: Reply) -> None:
        """Pass a reply to the event loop."""
        self._scheduler.post(self, reply)

    def opened(self, job: Job) -> None:
        """Keep the newest of the trainings, and supersede the other one."""
        if not job.is_training:
            return
        with self._scheduler.lock:
            outdated: Job | None = job
            if job.number > self._newest:
                self._newest = job.number
                outdated, self._running = self._running, job
        if outdated is not None:
            self._scheduler.end(outdated, "superseded")


def _ignore(_reply: Reply) -> None:
    """Drop a reply."""
