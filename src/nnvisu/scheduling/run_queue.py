"""Which job runs next: the one due longest, penalised for using more than its share of the time.
A plain data structure without threads.
"""

import heapq
from dataclasses import dataclass
from itertools import count
from math import exp, inf
from typing import Generic, Protocol, TypeVar

DECAY_S = 1.0
"""Time constant with which the memory of used processor time decays."""
PENALTY_RATE = 15.0
"""Seconds of penalty for each second of processor time above the fair share."""
MAX_PENALTY_S = 2.0


@dataclass(slots=True)
class Account:
    """One client's recent processor time, decaying exponentially."""

    used_s: float = 0.0
    at_s: float = 0.0

    def charge(self, served_s: float, now_s: float) -> None:
        """Add processor time."""
        self.used_s = self.remembered(now_s) + served_s
        self.at_s = now_s

    def remembered(self, now_s: float) -> float:
        """Return the decayed processor time at ``now_s``."""
        return self.used_s * exp((self.at_s - now_s) / DECAY_S)


class Schedulable(Protocol):
    """What can be queued."""

    account: Account

    @property
    def due_s(self) -> float:
        """When to run it (the queue's clock); -inf for at once."""

    @property
    def ending(self) -> bool:
        """Whether its next slice only sends the last frame."""


AnyJob = TypeVar("AnyJob", bound=Schedulable)


@dataclass(slots=True, eq=False)
class _Entry(Generic[AnyJob]):
    job: AnyJob | None
    """None once discarded, so that an entry left in a heap keeps no job alive."""
    due_s: float | None
    """When it was due, if it was asleep until then."""


_Heap = list[tuple[float, int, _Entry[AnyJob]]]
"""Sorted by key, then by insertion. Tuples, because they are compared without Python calls."""


class RunQueue(Generic[AnyJob]):
    """Jobs that are due, and jobs asleep until they are due.

    Jobs with only a last frame left run first: they are cheap and a client waits. The others run
    in the order in which they became due, so that under load all wait equally long. A job whose
    account is above the average waits longer in proportion, so that long slices run less often
    and all accounts get the same processor time. The penalty is bounded and decays, so no job
    starves; an idle account saves nothing up.

    Attributes:
        slices: Slices charged in all.
        served_s: Processor time charged in all.
        overslept_s: How long the job taken last had been due, if it had been asleep; else None.
    """

    def __init__(self) -> None:
        self.slices = 0
        self.served_s = 0.0
        self.overslept_s: float | None = None
        self._ready: _Heap[AnyJob] = []
        self._asleep: _Heap[AnyJob] = []
        self._valid: dict[int, _Entry[AnyJob]] = {}
        self._order = count()
        self._total = Account()

    def __len__(self) -> int:
        return len(self._valid)

    def __contains__(self, job: AnyJob) -> bool:
        return id(job) in self._valid

    @property
    def ready(self) -> int:
        """Jobs that were due at the last `take`, including some that may be discarded."""
        return len(self._ready)

    def put(self, job: AnyJob, now_s: float) -> None:
        """Queue a job, or move it if it is queued already."""
        due_s = job.due_s
        if job.ending:
            self._push(self._ready, -inf, job)
        elif due_s <= now_s:
            self._make_ready(job, now_s, None, now_s)
        else:
            self._push(self._asleep, due_s, job)

    def charge(self, job: AnyJob, served_s: float, now_s: float) -> None:
        """Charge a slice to a job's account, before the job is put back."""
        self.slices += 1
        self.served_s += served_s
        job.account.charge(served_s, now_s)
        self._total.charge(served_s, now_s)

    def discard(self, job: AnyJob) -> None:
        """Remove a job, if it is queued."""
        entry = self._valid.pop(id(job), None)
        if entry is not None:
            entry.job = None

    def take(self, now_s: float) -> AnyJob | None:
        """Remove and return the next job; None if none is due."""
        while self._asleep and self._asleep[0][0] <= now_s:
            due_s, _, entry = heapq.heappop(self._asleep)
            if entry.job is not None:
                self._make_ready(entry.job, due_s, due_s, now_s)
        while self._ready:
            _, _, entry = heapq.heappop(self._ready)
            if entry.job is not None:
                del self._valid[id(entry.job)]
                self.overslept_s = None if entry.due_s is None else now_s - entry.due_s
                return entry.job
        return None

    def next_due_s(self) -> float:
        """Return when the first sleeping job is due; inf without one."""
        return self._asleep[0][0] if self._asleep else inf

    def late_s(self, now_s: float) -> float:
        """Return how long the first job has been due; 0 if none is."""
        firsts = [heap[0][0] for heap in (self._ready, self._asleep) if heap]
        # Jobs at -inf run first and have not waited.
        return max(0.0, now_s - min((key for key in firsts if key > -inf), default=now_s))

    def _penalty_s(self, account: Account, now_s: float) -> float:
        share_s = self._total.remembered(now_s) / (len(self) + 1)
        excess_s = account.remembered(now_s) - share_s
        return min(max(PENALTY_RATE * excess_s, 0.0), MAX_PENALTY_S)

    def _make_ready(self, job: AnyJob, since_s: float, due_s: float | None, now_s: float) -> None:
        key = since_s + self._penalty_s(job.account, now_s)
        self._push(self._ready, key, job, due_s)

    def _push(
        self, heap: _Heap[AnyJob], key: float, job: AnyJob, due_s: float | None = None
    ) -> None:
        self.discard(job)
        entry = self._valid[id(job)] = _Entry(job, due_s)
        heapq.heappush(heap, (key, next(self._order), entry))
