"""Draining: the scheduler ends all jobs before the server stops."""

import asyncio

import pytest

from nnvisu.scheduling.scheduler import Scheduler
from nnvisu.wire.messages import Budget, Frame, Generate, Generated
from tests.support.clients import TIMEOUT_S, User, scheduling
from tests.support.requests import a_train

pytestmark = pytest.mark.anyio

ENDLESS = Budget(seconds=10)


@pytest.fixture
def anyio_backend() -> str:
    """The event loop that the server runs on."""
    return "asyncio"


async def test_draining_sends_the_state_of_every_training_without_marking_it_ended() -> None:
    async with scheduling() as scheduler:
        users = [User(scheduler) for _ in range(5)]
        for pace, user in enumerate(users, start=1):
            user.requests.ask(a_train(pace=pace / 10, frames_per_second=0.1, budget=ENDLESS))
            await user.frame()
        await scheduler.drain(TIMEOUT_S)
        for user in users:
            frame = user.replies.get_nowait()
            assert isinstance(frame, Frame)
            assert frame.ended is None
            assert not user.requests.unanswered


async def test_draining_stops_at_its_time_limit() -> None:
    scheduler = Scheduler(lambda _: None)
    user = User(scheduler)
    user.requests.ask(a_train())
    await scheduler.drain(0.01)
    assert user.replies.empty()


async def test_a_request_during_draining_is_answered_at_once() -> None:
    async with scheduling() as scheduler:
        early, late = User(scheduler), User(scheduler)
        early.requests.ask(a_train(budget=ENDLESS))
        await early.frame()
        draining = asyncio.create_task(scheduler.drain(TIMEOUT_S))
        await asyncio.sleep(0)
        late.requests.ask(a_train(1, pace=0.1, budget=ENDLESS))
        late.requests.ask(Generate(2, "moons"))
        replies = [await late.next() for _ in range(2)]
        await draining
    kinds = {type(reply): reply for reply in replies}
    assert set(kinds) == {Frame, Generated}
    assert kinds[Frame].ended is None  # type: ignore[union-attr] # it is a frame
    assert not late.requests.unanswered


async def test_draining_does_not_wait_for_a_client_that_leaves() -> None:
    scheduler = Scheduler(lambda _: None)
    user = User(scheduler)
    user.requests.ask(a_train())
    draining = asyncio.create_task(scheduler.drain(100 * TIMEOUT_S))
    await asyncio.sleep(0)
    user.requests.leave()
    await asyncio.wait_for(draining, TIMEOUT_S)
    assert user.replies.empty()
