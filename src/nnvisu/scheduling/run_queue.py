"""Which job runs next: addresses take turns, and within an address the job that is due longest.

A plain data structure without threads.
"""

import heapq
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from math import exp, inf
from typing import Any, Generic, Protocol, TypeVar

DECAY_S = 1.0
"""Time constant with which the memory of used processor time decays."""
PENALTY_RATE = 15.0
"""Seconds of penalty for each second of processor time above the fair share."""
MAX_PENALTY_S = 2.0
"""Limit of a job's penalty, and of the time that an address waits for the others to catch up."""


@dataclass(slots=True)
class Usage:
    """Recent processor time, decaying exponentially."""

    used_s: float = 0.0
    at_s: float = 0.0

    def charge(self, served_s: float, now_s: float) -> None:
        """Add processor time."""
        self.used_s = self.remembered(now_s) + served_s
        self.at_s = now_s

    def remembered(self, now_s: float) -> float:
        """Return the decayed processor time at ``now_s``."""
        return self.used_s * exp((self.at_s - now_s) / DECAY_S)


@dataclass(slots=True, eq=False, weakref_slot=True)
class AddressShare(Usage):
    """What the clients of one address share: turns and processor time.

    Attributes:
        virtual_s: Processor time of all its jobs, raised to that of the others whenever it has been
            idle. The address with the least has the next turn.
        jobs: Jobs that are queued.
        ready: Those that are due, as a heap; some may be discarded.
        listed: Whether it is in the queue's list of turns, which it is while `ready` is not empty.
    """

    virtual_s: float = 0.0
    jobs: int = 0
    ready: "_Heap[Any]" = field(default_factory=list)
    listed: bool = False


@dataclass(slots=True)
class Account(Usage):
    """One client's address, and its recent processor time."""

    address: AddressShare | None = None
    """None for the one that all clients without an address share."""


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

    Jobs with only a last frame left run first: they are cheap and a client waits. Otherwise the
    address whose jobs have had the least processor time has the next turn, so that addresses get
    the same time, however many jobs they have (start-time fair queueing).

    The jobs of one address run in the order in which they became due, so that under load all wait
    equally long. A job whose account is above its address's average waits longer in proportion, so
    that long slices run less often and all accounts get the same processor time.

    Penalties are bounded, so nothing starves; who is idle saves nothing up.

    Attributes:
        slices: Slices charged in all.
        served_s: Processor time charged in all.
        overslept_s: How long the job taken last had been due, if it had been asleep; else None.
    """

    def __init__(self) -> None:
        self.slices = 0
        self.served_s = 0.0
        self.overslept_s: float | None = None
        self._ending: deque[_Entry[AnyJob]] = deque()
        self._turns: list[tuple[float, int, AddressShare]] = []
        """A heap of the addresses with jobs that are due. A key that is too small is corrected
        when it comes first."""
        self._virtual_s = 0.0
        """The newest turn's key."""
        self._asleep: _Heap[AnyJob] = []
        self._valid: dict[int, _Entry[AnyJob]] = {}
        self._order = count()
        self._unaddressed = AddressShare()

    def __len__(self) -> int:
        return len(self._valid)

    def __contains__(self, job: AnyJob) -> bool:
        return id(job) in self._valid

    @property
    def ready(self) -> bool:
        """Whether jobs were due at the last `take`; all of them may be discarded."""
        return bool(self._turns or self._ending)

    def put(self, job: AnyJob, now_s: float) -> None:
        """Queue a job, or move it if it is queued already."""
        due_s = job.due_s
        if job.ending:
            self._ending.append(self._enter(job, None))
        elif due_s <= now_s:
            self._make_ready(job, now_s, None, now_s)
        else:
            heapq.heappush(self._asleep, (due_s, next(self._order), self._enter(job, None)))

    def charge(self, job: AnyJob, served_s: float, now_s: float) -> None:
        """Charge a slice to a job's account and address, before the job is put back."""
        self.slices += 1
        self.served_s += served_s
        account = job.account
        address = account.address or self._unaddressed
        account.charge(served_s, now_s)
        address.charge(served_s, now_s)
        # While it waits, each of the others may use as much as it is ahead.
        latest_s = self._virtual_s + MAX_PENALTY_S / (len(self._turns) + 1)
        address.virtual_s = min(address.virtual_s + served_s, latest_s)

    def discard(self, job: AnyJob) -> None:
        """Remove a job, if it is queued."""
        entry = self._valid.pop(id(job), None)
        if entry is not None:
            entry.job = None
            address = job.account.address or self._unaddressed
            address.jobs -= 1

    def take(self, now_s: float) -> AnyJob | None:
        """Remove and return the next job; None if none is due."""
        while self._asleep and self._asleep[0][0] <= now_s:
            due_s, _, entry = heapq.heappop(self._asleep)
            if entry.job is not None:
                self._make_ready(entry.job, due_s, due_s, now_s)
        while self._ending:
            entry = self._ending.popleft()
            if entry.job is not None:
                return self._leave(entry.job, entry, now_s)
        while self._turns:
            key_s, _, address = self._turns[0]
            if key_s < address.virtual_s and len(self._turns) > 1:
                turn = (address.virtual_s, next(self._order), address)
                heapq.heapreplace(self._turns, turn)
                continue
            _, _, entry = heapq.heappop(address.ready)
            if not address.ready:
                heapq.heappop(self._turns)
                address.listed = False
            if entry.job is not None:
                self._virtual_s = max(self._virtual_s, address.virtual_s)
                return self._leave(entry.job, entry, now_s)
        return None

    def next_due_s(self) -> float:
        """Return when the first sleeping job is due; inf without one."""
        return self._asleep[0][0] if self._asleep else inf

    def late_s(self, now_s: float) -> float:
        """Return how long the first job has been due; 0 if none is."""
        heaps = [address.ready for _, _, address in self._turns]
        if self._asleep:
            heaps.append(self._asleep)
        return max(0.0, now_s - min((heap[0][0] for heap in heaps), default=now_s))

    def _penalty_s(self, account: Account, address: AddressShare, now_s: float) -> float:
        share_s = address.remembered(now_s) / (address.jobs + 1)
        excess_s = account.remembered(now_s) - share_s
        return min(max(PENALTY_RATE * excess_s, 0.0), MAX_PENALTY_S)

    def _make_ready(self, job: AnyJob, since_s: float, due_s: float | None, now_s: float) -> None:
        account = job.account
        address = account.address or self._unaddressed
        key_s = since_s + self._penalty_s(account, address, now_s)
        heapq.heappush(address.ready, (key_s, next(self._order), self._enter(job, due_s)))
        if not address.listed:
            address.listed = True
            address.virtual_s = max(address.virtual_s, self._virtual_s)
            heapq.heappush(self._turns, (address.virtual_s, next(self._order), address))

    def _enter(self, job: AnyJob, due_s: float | None) -> "_Entry[AnyJob]":
        entry = _Entry(job, due_s)
        before = self._valid.get(id(job))
        self._valid[id(job)] = entry
        if before is not None:
            before.job = None
        else:
            address = job.account.address or self._unaddressed
            address.jobs += 1
        return entry

    def _leave(self, job: AnyJob, entry: "_Entry[AnyJob]", now_s: float) -> AnyJob:
        del self._valid[id(job)]
        address = job.account.address or self._unaddressed
        address.jobs -= 1
        self.overslept_s = None if entry.due_s is None else now_s - entry.due_s
        return job
