"""The scheduler with its real threads, driven from an event loop as by connections."""

import asyncio
from collections.abc import Callable

import pytest

from nnvisu.scheduling.client_requests import MAX_UNANSWERED, MAX_WAITING_BYTES
from nnvisu.scheduling.jobs import Job
from nnvisu.scheduling.scheduler import Scheduler
from nnvisu.training import computations
from nnvisu.training.session import Session
from nnvisu.wire import messages
from nnvisu.wire.messages import Budget, Data, Ended, Error, Frame, Network, Points
from tests.support.clients import User, scheduling
from tests.support.requests import NETWORK, a_checkpoint, a_train, floats, trained

pytestmark = pytest.mark.anyio

ENDLESS = Budget(seconds=10)


@pytest.fixture
def anyio_backend() -> str:
    """The event loop that the server runs on."""
    return "asyncio"


async def test_a_training_sends_frames_with_the_engines_bits() -> None:
    train = a_train(pace=200.0, budget=Budget(epochs=40))
    async with scheduling() as scheduler:
        user = User(scheduler)
        user.requests.ask(train)
        assert (await user.frame()).ended is None
        last = await user.last_frame()
    assert (last.ended, last.checkpoint) == ("budget", trained(train, 40))


async def test_requests_wait_until_the_engine_is_ready() -> None:
    progress: list[float] = []
    scheduler = Scheduler(progress.append)
    user = User(scheduler)
    user.requests.ask(a_train())
    assert not scheduler.ready
    scheduler.start()
    try:
        assert (await user.last_frame()).ended == "budget"
    finally:
        scheduler.close()
    assert scheduler.ready
    assert progress[-1] == 1
    assert progress == sorted(progress)


async def test_a_new_training_supersedes_the_running_one() -> None:
    async with scheduling() as scheduler:
        user = User(scheduler)
        user.requests.ask(a_train(1, budget=ENDLESS))
        await user.frame(1)
        user.requests.ask(a_train(2))
        ends: dict[int, str] = {}
        while len(ends) < 2:
            frame = await user.frame()
            if frame.ended is not None:
                ends[frame.id] = frame.ended
    assert ends == {1: "superseded", 2: "budget"}


async def test_of_many_trainings_the_newest_runs_and_each_sends_its_last_frame() -> None:
    async with scheduling() as scheduler:
        user = User(scheduler)
        for id_ in range(MAX_UNANSWERED):
            user.requests.ask(a_train(id_, budget=Budget(epochs=10**6), pace=1000.0))
        newest = MAX_UNANSWERED - 1
        ends: dict[int, str] = {}
        while len(ends) < newest:
            frame = await user.frame()
            if frame.ended is not None:
                ends[frame.id] = frame.ended
        user.requests.stop(newest)
        assert (await user.last_frame()).id == newest
    assert ends == dict.fromkeys(range(newest), "superseded")


async def test_a_refused_training_leaves_the_running_one_alone() -> None:
    bad = Data(Points(floats(2), floats(0), b"\x00"))
    async with scheduling() as scheduler:
        user = User(scheduler)
        user.requests.ask(a_train(1, budget=ENDLESS, pace=60.0))
        await user.frame(1)
        user.requests.ask(a_train(2, data=bad))
        while not isinstance(reply := await user.next(), Error):
            pass
        assert reply.id == 2
        assert reply.message.startswith("data.training.x: ")
        assert (await user.frame(1)).ended is None
        user.requests.stop(1)
        assert (await user.last_frame(1)).ended == "stopped"


async def test_stop_wakes_a_sleeping_training() -> None:
    async with scheduling() as scheduler:
        user = User(scheduler)
        user.requests.ask(a_train(1, pace=0.1, frames_per_second=0.1, budget=ENDLESS))
        await user.frame(1)
        user.requests.stop(2)
        user.requests.stop(1)
        assert (await user.last_frame(1)).ended == "stopped"


async def test_a_training_that_is_stopped_at_once_still_sends_its_last_frame() -> None:
    async with scheduling() as scheduler:
        user = User(scheduler)
        user.requests.ask(a_train(1, budget=ENDLESS))
        user.requests.stop(1)
        assert (await user.last_frame(1)).ended == "stopped"


async def test_single_reply_requests_are_answered_during_a_training() -> None:
    async with scheduling(threads=1) as scheduler:
        user = User(scheduler)
        user.requests.ask(a_train(1, budget=ENDLESS))
        user.requests.ask(messages.Initialise(2, NETWORK, seed=3))
        while not isinstance(reply := await user.next(), messages.Initialised):
            pass
        assert reply == messages.Initialised(2, a_checkpoint(seed=3))
        user.requests.ask(messages.Generate(3, "moons"))
        while not isinstance(reply := await user.next(), messages.Generated):
            pass
        assert reply.id == 3


async def test_too_many_unanswered_requests_are_refused() -> None:
    scheduler = Scheduler(lambda _: None)
    user = User(scheduler)
    for id_ in range(MAX_UNANSWERED + 1):
        user.requests.ask(messages.Generate(id_, "moons"))
    refusal = await user.next()
    assert isinstance(refusal, Error)
    assert refusal.id == MAX_UNANSWERED
    assert f"{MAX_UNANSWERED} unanswered requests" in refusal.message


async def test_too_many_bytes_of_unanswered_requests_are_refused() -> None:
    scheduler = Scheduler(lambda _: None)
    user = User(scheduler)
    largest = Network((100,) * 10, (0, 1, 2))
    keep = a_checkpoint(largest)
    for id_ in range(4):
        user.requests.ask(messages.Initialise(id_, largest, 0, keep=keep))
    user.requests.ask(messages.Generate(4, "moons"))
    refusals = [await user.next() for _ in range(2)]
    sentence = f"Unanswered requests may hold {MAX_WAITING_BYTES} bytes at most."
    assert refusals == [Error(sentence, 3), Error(sentence, 4)]


async def test_a_client_that_leaves_gets_no_replies_and_holds_no_resources() -> None:
    async with scheduling() as scheduler:
        gone, here = User(scheduler), User(scheduler)
        gone.requests.ask(a_train(1, budget=ENDLESS))
        await gone.frame()
        gone.requests.leave()
        while not gone.replies.empty():
            gone.replies.get_nowait()
        here.requests.ask(a_train(1))
        assert (await here.last_frame()).ended == "budget"
        assert gone.replies.empty()
        assert not gone.requests.unanswered
        gone.requests.leave()


async def test_clients_share_the_processor_evenly() -> None:
    """Epochs measure time only between equal trainings, so equal trainings are compared."""
    async with scheduling(threads=1) as scheduler:
        giant = User(scheduler)
        network = Network((100,) * 4, (0, 1, 2))
        giant.requests.ask(a_train(network=network, budget=ENDLESS))
        await giant.frame()
        users = [User(scheduler) for _ in range(6)]
        for user in users:
            user.requests.ask(a_train(frames_per_second=1, budget=Budget(seconds=1)))
        epochs = [(await user.last_frame()).checkpoint.epoch for user in users]
    assert sum(epochs) ** 2 / (len(epochs) * sum(count**2 for count in epochs)) > 0.9


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_a_fault_in_a_request_ends_only_that_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    advance = Session.advance

    def faulty(session: Session, slice_s: float, stretch: float) -> Frame | None:
        if session._id == 13:
            raise ZeroDivisionError
        return advance(session, slice_s, stretch)

    monkeypatch.setattr(Session, "advance", faulty)
    async with scheduling(threads=1) as scheduler:
        unlucky, other = User(scheduler), User(scheduler)
        for _ in range(3):
            unlucky.requests.ask(a_train(13))
            error = await unlucky.next()
            assert isinstance(error, Error)
            assert (error.id, unlucky.requests.unanswered) == (13, [])
        other.requests.ask(a_train(1))
        assert (await other.last_frame()).ended == "budget"


async def test_a_stop_waits_for_at_most_one_slice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    advance, end = Session.advance, Job.end
    begun: list[int | None] = []

    def noted(session: Session, slice_s: float, stretch: float) -> Frame | None:
        begun.append(session._id)
        return advance(session, slice_s, stretch)

    def end_noted(job: Job, ended: Ended | None) -> None:
        begun.append(None)
        end(job, ended)

    monkeypatch.setattr(Session, "advance", noted)
    monkeypatch.setattr(Job, "end", end_noted)
    async with scheduling(threads=1) as scheduler:
        users = [User(scheduler) for _ in range(20)]
        for id_, user in enumerate(users):
            user.requests.ask(a_train(id_, budget=ENDLESS))
        for user in users:
            await user.frame()
        for id_, user in enumerate(users):
            begun.clear()
            user.requests.stop(id_)
            assert (await user.last_frame()).ended == "stopped"
            # The thread may have taken another job before the stop, and begun its slice after it.
            at = begun.index(None)
            assert id_ in begun[at + 1 : at + 3]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_a_failed_preparation_marks_the_scheduler_as_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_progress: Callable[[float], None]) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(computations, "prepare", broken)
    scheduler = Scheduler(lambda _: None)
    scheduler.start()
    while not scheduler.failed:  # noqa: ASYNC110 - there is only a flag
        await asyncio.sleep(0)
    assert not scheduler.ready
    scheduler.close()
