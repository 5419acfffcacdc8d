"""Jobs of a registered kind, and how they share threads with trainings."""

import asyncio
from itertools import groupby
from math import inf

import msgspec
import pytest

from nnvisu import engine
from nnvisu.training.computations import COMPUTATIONS
from nnvisu.training.conversion import checkpoint_of, points_of, statistics_message
from nnvisu.wire.errors import refuse
from nnvisu.wire.messages import (
    Budget,
    Checkpoint,
    Ended,
    Error,
    Frame,
    Generated,
    Inspect,
    Inspected,
    Network,
    Points,
)
from tests.support.clients import TIMEOUT_S, User, scheduling
from tests.support.requests import a_checkpoint, a_train, some_points

pytestmark = pytest.mark.anyio

ENDLESS = Budget(seconds=10)
SLICES = 100


@pytest.fixture
def anyio_backend() -> str:
    """The event loop that the server runs on."""
    return "asyncio"


class Work(msgspec.Struct, frozen=True):
    """A message of a kind that only this test registers."""

    id: int
    checkpoint: Checkpoint | None = None


class SliceLog:
    """Logs the slices of the computations of `Work`: the id of each, in order."""

    def __init__(self) -> None:
        self.slices: list[int] = []
        self.finish = False
        """Whether they are to answer."""
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[int, asyncio.Event] = {}

    async def served(self, id: int) -> None:  # noqa: A002 - the wire's name
        """Wait until an id has run `SLICES` more slices."""
        self._waiting[id] = asyncio.Event()
        target = self.slices.count(id) + SLICES
        while self.slices.count(id) < target:
            try:
                await asyncio.wait_for(self._waiting[id].wait(), TIMEOUT_S)
            except TimeoutError:
                # Otherwise the scheduler would wait forever for this slice.
                self.finish = True
                raise
            self._waiting[id].clear()

    def note(self, id: int) -> None:  # noqa: A002 - the wire's name
        """Log a slice; called on a compute thread."""
        self.slices.append(id)
        if (event := self._waiting.get(id)) is not None:
            self._loop.call_soon_threadsafe(event.set)


class Working:
    """A computation that runs until the test finishes it."""

    due_s = -inf

    def __init__(self, work: Work, slices: SliceLog) -> None:
        self.over = False
        self._id = work.id
        self._diary = slices

    def advance(self, _slice_s: float, _stretch: float) -> Generated | None:
        """Run one slice."""
        self._diary.note(self._id)
        self.over = self._diary.finish
        return Generated(self._id, Points()) if self.over else None

    def end(self, _ended: Ended | None) -> None:
        """Fail: only trainings are ended early."""
        raise AssertionError


@pytest.fixture
async def work(monkeypatch: pytest.MonkeyPatch) -> SliceLog:
    """Register `Work`, and return the log of its slices."""
    slices = SliceLog()
    monkeypatch.setitem(COMPUTATIONS, Work, lambda work: Working(work, slices))
    return slices


async def test_long_jobs_alternate_slice_by_slice(work: SliceLog) -> None:
    async with scheduling(threads=1) as scheduler:
        users = [User(scheduler) for _ in range(3)]
        for id_, user in enumerate(users):
            user.requests.ask(Work(id_))
        for id_ in range(len(users)):
            await work.served(id_)
        work.finish = True
        assert [await user.next() for user in users] == [
            Generated(id_, Points()) for id_ in range(len(users))
        ]
    assert len(list(groupby(work.slices))) > SLICES / 2


async def test_other_requests_are_answered_during_a_long_job(work: SliceLog) -> None:
    async with scheduling(threads=1) as scheduler:
        worker, user = User(scheduler), User(scheduler)
        worker.requests.ask(Work(1))
        await work.served(1)
        user.requests.ask(a_train(2, budget=Budget(epochs=300)))
        assert (await user.last_frame()).ended == "budget"
        user.requests.ask(Inspect(3, a_checkpoint(), some_points()))
        assert isinstance(await user.next(), Inspected)
        await work.served(1)
        work.finish = True
        assert await worker.next() == Generated(1, Points())


async def test_a_long_job_is_neither_superseded_nor_stopped(
    work: SliceLog,
) -> None:
    async with scheduling(threads=1) as scheduler:
        user = User(scheduler)
        user.requests.ask(a_train(1, budget=ENDLESS, pace=60.0))
        await user.frame(1)
        user.requests.ask(Work(2))
        user.requests.stop(2)
        await work.served(2)
        user.requests.ask(a_train(3, budget=ENDLESS, pace=60.0))
        assert (await user.last_frame(1)).ended == "superseded"
        await work.served(2)
        work.finish = True
        while not isinstance(reply := await user.next(), Generated):
            assert isinstance(reply, Frame)
            assert reply.ended is None
        user.requests.stop(3)
        assert (await user.last_frame(3)).ended == "stopped"


async def test_statistics_are_answered_during_a_training() -> None:
    network = Network((100,) * 10, (0, 1, 2))
    request = Inspect(2, a_checkpoint(network), some_points(1000), l2=0.5)
    layers = engine.inspect(
        checkpoint_of(request.checkpoint, "checkpoint"), points_of(request.points, "points"), l2=0.5
    )
    async with scheduling(threads=1) as scheduler:
        user = User(scheduler)
        user.requests.ask(a_train(1, budget=ENDLESS, pace=60.0))
        await user.frame(1)
        user.requests.ask(request)
        while isinstance(reply := await user.next(), Frame):
            assert reply.ended is None
        assert reply == Inspected(2, tuple(map(statistics_message, layers)))
        assert (await user.frame(1)).ended is None


@pytest.mark.usefixtures("work")
async def test_a_job_may_be_refused_in_its_first_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_self: Working, _slice_s: float, _stretch: float) -> None:
        raise refuse("checkpoint", "something else", "this")

    monkeypatch.setattr(Working, "advance", refused)
    async with scheduling() as scheduler:
        user = User(scheduler)
        user.requests.ask(Work(5))
        error = await user.next()
    assert isinstance(error, Error)
    assert error.id == 5
    assert error.message.startswith("checkpoint:")
    assert not user.requests.unanswered


async def test_a_job_s_message_counts_as_waiting_until_its_first_slice_is_done(
    work: SliceLog,
) -> None:
    checkpoint = a_checkpoint()
    async with scheduling() as scheduler:
        user = User(scheduler)
        user.requests.ask(Work(1, checkpoint))
        (job,) = user.requests.unanswered
        await work.served(1)
        assert job.waiting_bytes == 0
        work.finish = True
        await user.next()
    waiting = len(checkpoint.parameters) + len(checkpoint.optimiser.slots)
    user.requests.ask(Work(2, checkpoint))
    (job,) = user.requests.unanswered
    assert job.waiting_bytes == waiting
