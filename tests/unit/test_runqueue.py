"""Which task runs next."""

from dataclasses import dataclass, field
from math import inf

from nnvisu.runqueue import Account, RunQueue


@dataclass(eq=False)
class Job:
    """A task that is nothing but its account and its time."""

    account: Account = field(default_factory=Account)
    due_s: float = -inf


def serve(queue: RunQueue[Job], job: Job, cost_s: float) -> None:
    """Do what a worker does after a slice."""
    job.account.virtual_s += cost_s
    queue.put(job, 0)


def test_the_least_served_is_next() -> None:
    queue: RunQueue[Job] = RunQueue()
    jobs = [Job(Account(virtual_s)) for virtual_s in (3, 1, 2)]
    for job in jobs:
        queue.put(job, 0)
    assert [queue.take(0) for _ in range(4)] == [jobs[1], jobs[2], jobs[0], None]


def test_equals_take_turns_and_a_costly_one_gets_no_more_time() -> None:
    queue: RunQueue[Job] = RunQueue()
    light, heavy = Job(), Job()
    queue.put(light, 0)
    queue.put(heavy, 0)
    served = {id(light): 0.0, id(heavy): 0.0}
    for _ in range(1000):
        job = queue.take(0)
        assert job is not None
        cost_s = 1.0 if job is light else 7.0
        served[id(job)] += cost_s
        serve(queue, job, cost_s)
    assert abs(served[id(light)] - served[id(heavy)]) <= 7


def test_a_sleeper_is_taken_when_it_is_due() -> None:
    queue: RunQueue[Job] = RunQueue()
    late, early = Job(due_s=5), Job(due_s=2)
    queue.put(late, 0)
    queue.put(early, 0)
    assert queue.next_due_s() == 2
    assert queue.take(1.9) is None
    assert queue.take(2) is early
    assert queue.next_due_s() == 5
    late.due_s = -inf
    assert queue.take(5) is late
    assert queue.next_due_s() == inf


def test_nobody_saves_time_up_by_being_away() -> None:
    queue: RunQueue[Job] = RunQueue()
    busy, newcomer = Job(), Job()
    queue.put(busy, 0)
    for _ in range(100):
        assert queue.take(0) is busy
        serve(queue, busy, 1)
    queue.put(newcomer, 0)
    turns = []
    for _ in range(10):
        job = queue.take(0)
        assert job is not None
        turns.append(job)
        serve(queue, job, 1)
    assert 4 <= turns.count(newcomer) <= 6


def test_two_tasks_of_one_account_get_one_share() -> None:
    queue: RunQueue[Job] = RunQueue()
    shared = Account()
    pair, single = (Job(shared), Job(shared)), Job()
    for job in (*pair, single):
        queue.put(job, 0)
    turns = 0
    for _ in range(300):
        taken = queue.take(0)
        assert taken is not None
        turns += taken is single
        serve(queue, taken, 1)
    assert 140 <= turns <= 160


def test_a_task_that_is_queued_anew_is_queued_once() -> None:
    queue: RunQueue[Job] = RunQueue()
    job = Job(due_s=100)
    queue.put(job, 0)
    job.due_s = -inf
    queue.put(job, 0)
    assert job in queue
    assert len(queue) == 1
    assert queue.take(0) is job
    assert job not in queue
    assert queue.take(1000) is None


def test_a_discarded_task_is_not_taken_and_not_kept_alive() -> None:
    queue: RunQueue[Job] = RunQueue()
    asleep, ready = Job(due_s=100), Job()
    for job in (asleep, ready):
        queue.put(job, 0)
        queue.discard(job)
        queue.discard(job)
    assert len(queue) == 0
    assert all(entry.task is None for entry in (*queue._ready, *queue._asleep))
    assert queue.take(1000) is None
