"""The order in which jobs run."""

from dataclasses import dataclass, field
from math import inf

from nnvisu.scheduling.run_queue import MAX_PENALTY_S, Account, AddressShare, RunQueue


@dataclass(eq=False)
class FakeJob:
    """A job with only an account and a due time."""

    account: Account = field(default_factory=Account)
    due_s: float = -inf
    ending: bool = False


def turns(
    queue: RunQueue[FakeJob], costs_s: dict[int, float], until_s: float, now_s: float = 0.0
) -> dict[int, float]:
    """Serve the queue with one thread; return the time of each job."""
    served = dict.fromkeys(costs_s, 0.0)
    while now_s < until_s:
        job = queue.take(now_s)
        assert job is not None
        now_s += costs_s[id(job)]
        served[id(job)] += costs_s[id(job)]
        queue.charge(job, costs_s[id(job)], now_s)
        queue.put(job, now_s)
    return served


def test_jobs_without_recent_use_run_in_order_of_arrival() -> None:
    queue: RunQueue[FakeJob] = RunQueue()
    jobs = [FakeJob() for _ in range(3)]
    for now_s, job in enumerate(jobs):
        queue.put(job, now_s)
    assert [queue.take(5) for _ in range(4)] == [*jobs, None]


def test_sleeping_jobs_run_in_order_of_their_due_time_and_their_delay_is_reported() -> None:
    queue: RunQueue[FakeJob] = RunQueue()
    first, second, awake = FakeJob(due_s=1), FakeJob(due_s=2), FakeJob()
    queue.put(second, 0)
    queue.put(first, 0)
    queue.put(awake, 1.5)
    taken = [(queue.take(5), queue.overslept_s) for _ in range(3)]
    assert taken == [(first, 4), (awake, None), (second, 3)]


def test_ending_jobs_run_first_regardless_of_their_use() -> None:
    queue: RunQueue[FakeJob] = RunQueue()
    waiting, ending = FakeJob(), FakeJob()
    queue.put(waiting, 0)
    queue.charge(ending, 100, 0)
    queue.put(ending, 1)
    ending.ending = True
    queue.put(ending, 2)
    assert [queue.take(3), queue.take(3)] == [ending, waiting]


def test_a_job_that_used_more_than_its_share_waits_longer() -> None:
    queue: RunQueue[FakeJob] = RunQueue()
    for _ in range(8):
        queue.put(FakeJob(due_s=100), 0)
    greedy, modest = FakeJob(), FakeJob()
    queue.charge(greedy, 0.1, 0)
    queue.put(greedy, 0)
    queue.put(modest, 0.5)
    assert [queue.take(1), queue.take(1)] == [modest, greedy]


def test_old_use_is_forgotten() -> None:
    queue: RunQueue[FakeJob] = RunQueue()
    greedy, modest = FakeJob(), FakeJob()
    queue.charge(greedy, 0.1, 0)
    queue.put(greedy, 20)
    queue.put(modest, 20.5)
    assert [queue.take(30), queue.take(30)] == [greedy, modest]


def test_no_job_starves() -> None:
    queue: RunQueue[FakeJob] = RunQueue()
    greedy = FakeJob()
    queue.charge(greedy, 1000, 0)
    queue.put(greedy, 0)
    late = FakeJob()
    queue.put(late, MAX_PENALTY_S + 0.1)
    assert queue.take(3) is greedy


def test_long_slices_get_no_more_time_than_short_ones() -> None:
    queue: RunQueue[FakeJob] = RunQueue()
    jobs = [FakeJob() for _ in range(30)]
    costs_s = {id(job): 0.004 for job in jobs}
    costs_s[id(jobs[0])] = 0.02
    for job in jobs:
        queue.put(job, 0)
    served = turns(queue, costs_s, 20)
    fair_s = 20 / len(jobs)
    assert all(0.8 * fair_s < each < 1.5 * fair_s for each in served.values())


def test_under_load_all_jobs_get_equal_time_despite_one_costly_start() -> None:
    queue: RunQueue[FakeJob] = RunQueue()
    jobs = [FakeJob() for _ in range(1000)]
    for job in jobs:
        queue.put(job, 0)
    queue.charge(jobs[0], 0.005, 0)
    queue.put(jobs[0], 0)
    served = turns(queue, {id(job): 0.0005 for job in jobs}, 5)
    assert min(served.values()) > 0.8 * max(served.values())


def test_a_sleeping_job_is_taken_when_it_is_due() -> None:
    queue: RunQueue[FakeJob] = RunQueue()
    late, early = FakeJob(due_s=5), FakeJob(due_s=2)
    queue.put(late, 0)
    queue.put(early, 0)
    assert queue.next_due_s() == 2
    assert queue.take(1.9) is None
    assert queue.take(2) is early
    assert queue.next_due_s() == 5
    late.due_s = -inf
    assert queue.take(5) is late
    assert queue.next_due_s() == inf


def test_two_jobs_of_one_account_get_one_share() -> None:
    queue: RunQueue[FakeJob] = RunQueue()
    shared = Account()
    pair, others = [FakeJob(shared), FakeJob(shared)], [FakeJob() for _ in range(8)]
    for job in (*pair, *others):
        queue.put(job, 0)
    served = turns(queue, {id(job): 0.004 for job in (*pair, *others)}, 20)
    assert sum(served[id(job)] for job in pair) < 1.4 * served[id(others[0])]


def test_a_job_that_is_queued_again_is_queued_once() -> None:
    queue: RunQueue[FakeJob] = RunQueue()
    job = FakeJob(due_s=100)
    queue.put(job, 0)
    job.due_s = -inf
    queue.put(job, 0)
    assert job in queue
    assert len(queue) == 1
    assert queue.take(0) is job
    assert job not in queue
    assert queue.take(1000) is None


def test_a_discarded_job_is_not_taken_and_not_referenced() -> None:
    queue: RunQueue[FakeJob] = RunQueue()
    asleep, ready = FakeJob(due_s=100), FakeJob()
    for job in (asleep, ready):
        queue.put(job, 0)
        queue.discard(job)
        queue.discard(job)
    assert len(queue) == 0
    assert all(entry.job is None for _, _, entry in (*queue._unaddressed.ready, *queue._asleep))
    assert queue.take(1000) is None


def shares(served: dict[int, float], *groups: list[FakeJob]) -> list[float]:
    """Return each group's part of all time served."""
    total_s = sum(served.values())
    return [sum(served[id(job)] for job in group) / total_s for group in groups]


def test_a_thousand_jobs_of_one_address_get_no_more_than_one_job_of_another() -> None:
    queue: RunQueue[FakeJob] = RunQueue()
    crowd, other = AddressShare(), AddressShare()
    many = [FakeJob(Account(address=crowd)) for _ in range(1000)]
    one = [FakeJob(Account(address=other))]
    for job in (*many, *one):
        queue.put(job, 0)
    served = turns(queue, {id(job): 0.004 for job in (*many, *one)}, 20)
    assert shares(served, one)[0] > 0.49
    # Within the address all jobs have the same share.
    assert max(served[id(job)] for job in many) <= min(served[id(job)] for job in many) + 0.0041


def test_three_addresses_get_equal_time_however_many_jobs_and_however_long_slices() -> None:
    queue: RunQueue[FakeJob] = RunQueue()
    groups = [
        [FakeJob(Account(address=address)) for _ in range(jobs)]
        for address, jobs in ((AddressShare(), 100), (AddressShare(), 7), (AddressShare(), 1))
    ]
    costs_s = {id(job): 0.004 for group in groups for job in group}
    costs_s.update({id(job): 0.02 for job in groups[1]})
    for job in (job for group in groups for job in group):
        queue.put(job, 0)
    assert all(abs(share - 1 / 3) < 0.01 for share in shares(turns(queue, costs_s, 30), *groups))


def test_an_address_that_was_idle_or_alone_has_saved_up_and_owes_nothing() -> None:
    queue: RunQueue[FakeJob] = RunQueue()
    early, late = FakeJob(Account(address=AddressShare())), FakeJob(Account(address=AddressShare()))
    queue.put(early, 0)
    turns(queue, {id(early): 0.004}, 10)
    queue.put(late, 10)
    costs_s = {id(early): 0.004, id(late): 0.004}
    assert abs(shares(turns(queue, costs_s, 11, 10), [late])[0] - 0.5) < 0.01


def test_an_address_waits_at_most_the_bound_after_one_costly_slice() -> None:
    queue: RunQueue[FakeJob] = RunQueue()
    jobs = [FakeJob(Account(address=AddressShare())) for _ in range(200)]
    for job in jobs:
        queue.put(job, 0)
    costly = queue.take(0)
    assert costly is not None
    queue.charge(costly, 100, 0)
    queue.put(costly, 0)
    now_s = 0.0
    while (other := queue.take(now_s)) is not costly:
        assert other is not None
        now_s += 0.004
        queue.charge(other, 0.004, now_s)
        queue.put(other, now_s)
    assert now_s < 1.5 * MAX_PENALTY_S


def test_an_ending_job_of_a_crowded_address_still_runs_first() -> None:
    queue: RunQueue[FakeJob] = RunQueue()
    crowd = AddressShare()
    waiting, ending = FakeJob(Account(address=AddressShare())), FakeJob(Account(address=crowd))
    queue.charge(ending, 5, 0)
    queue.put(waiting, 0)
    ending.ending = True
    queue.put(ending, 0)
    assert [queue.take(0), queue.take(0), queue.take(0)] == [ending, waiting, None]


def test_a_sleeping_job_counts_in_no_turn_until_it_is_due() -> None:
    queue: RunQueue[FakeJob] = RunQueue()
    asleep, ready = (
        FakeJob(Account(address=AddressShare()), due_s=2),
        FakeJob(Account(address=AddressShare())),
    )
    queue.put(asleep, 0)
    queue.put(ready, 0)
    assert queue.late_s(1) == 1
    assert [queue.take(1), queue.take(1)] == [ready, None]
    assert not queue.ready
    assert queue.take(2.5) is asleep
    assert queue.overslept_s == 0.5
