"""One request at work on the compute threads: opened by its first slice, advanced by the others.

A job runs on one thread at a time.
"""

from math import inf
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, structs

from nnvisu.observability.logs import CONNECTION
from nnvisu.scheduling.run_queue import Account
from nnvisu.wire.messages import Checkpoint, Ended, ProtocolError, Reply, Train

if TYPE_CHECKING:
    from nnvisu.training.computations import Computation


class Message(Protocol):
    """A decoded request: a Struct whose replies carry its id."""

    @property
    def id(self) -> int:
        """The number that the sender chose."""


class Client(Protocol):
    """What a job needs of the connection that it computes for. Called on any thread.

    Attributes:
        account: The processor time that the connection's jobs share.
    """

    account: Account

    def reply(self, reply: Reply) -> None:
        """Send a reply."""

    def opened(self, job: "Job") -> None:
        """Note that a job's request was legal and its computation begins."""


class Job:
    """A request, and the computation that it is replaced by in the first slice.

    Attributes:
        is_training: Whether the job can be ended early, with a last frame.
        number: Counts the connection's jobs: the greater, the newer.
        connection: The connection's number, for the log.
        waiting_bytes: The size of the request's checkpoints; 0 after the first slice.
        over: Whether the last reply has been sent. Then the job holds no data.
    """

    def __init__(self, client: Client, request: Message, number: int = 0) -> None:
        self.client = client
        self.account = client.account
        self.id = request.id
        self.is_training = isinstance(request, Train)
        self.number = number
        self.connection = CONNECTION.get()
        self.waiting_bytes = _checkpoint_bytes(request)
        self.over = False
        self._request: Message | None = request
        self._computation: Computation | None = None
        self._endings: list[Ended | None] = []

    @property
    def due_s(self) -> float:
        """When to run the next slice (scheduler's clock); -inf for at once."""
        computation = self._computation
        return -inf if computation is None or self._endings else computation.due_s

    @property
    def ending(self) -> bool:
        """Whether the next slice only sends the last frame."""
        return bool(self._endings) and self._computation is not None

    def end(self, ended: Ended | None) -> None:
        """Make the next slice of a training the last one; its frame is marked with ``ended``.

        The first call counts. Other jobs run on to their answer.
        """
        if self.is_training:
            self._endings.append(ended)

    def run(self, slice_s: float, stretch: float) -> None:
        """Compute for about ``slice_s`` seconds and send the reply that is due, if there is one.

        ``stretch`` (from 1) multiplies the interval between a training's frames.
        """
        try:
            computation = self._computation or self._open()
            if self._endings:
                computation.end(self._endings[0])
            reply = computation.advance(slice_s, stretch)
        except ProtocolError as refusal:
            self.close()
            self.client.reply(structs.replace(refusal.error, id=self.id))
            return
        self.waiting_bytes = 0
        if computation.over:
            self.close()
        if reply is not None:
            self.client.reply(reply)

    def close(self) -> None:
        """Drop the references to request and computation: the job is over."""
        self.over = True
        self.waiting_bytes = 0
        self._request = self._computation = None

    def _open(self) -> "Computation":
        # Imported here: it loads NumPy and Numba, which take long.
        from nnvisu.training.computations import COMPUTATIONS

        request, self._request = self._request, None
        self._computation = COMPUTATIONS[type(request)](request)
        self.client.opened(self)
        return self._computation


def _checkpoint_bytes(request: Message) -> int:
    fields = structs.astuple(request) if isinstance(request, Struct) else ()
    return sum(
        len(field.parameters) + len(field.optimiser.slots)
        for field in fields
        if isinstance(field, Checkpoint)
    )
