"""Which task runs next: of those that are due, the one that waits longest, if it used no more than
its share. A plain structure, no threads.
"""

import heapq
from dataclasses import dataclass
from itertools import count
from math import exp, inf
from typing import Generic, Protocol, TypeVar

MEMORY_S = 1.0
"""For how long use of the processor is remembered; after that it has decayed to 1/e."""
PATIENCE = 15.0
"""Seconds that a task waits longer for each second of processor time above its share."""
LONGEST_PENALTY_S = 2.0


@dataclass(slots=True)
class Account:
    """How much of the processor's time one user has had of late."""

    used_s: float = 0.0
    at_s: float = 0.0

    def charge(self, served_s: float, now_s: float) -> None:
        """Add what was used now to what is still remembered."""
        self.used_s = self.remembered(now_s) + served_s
        self.at_s = now_s

    def remembered(self, now_s: float) -> float:
        """Give what was used of late, the older the less."""
        return self.used_s * exp((self.at_s - now_s) / MEMORY_S)


class Task(Protocol):
    """What waits for its turn."""

    account: Account

    @property
    def due_s(self) -> float:
        """When it wants to run, by the clock; -inf for at once."""

    @property
    def ending(self) -> bool:
        """Whether it has but its last word to say."""


AnyTask = TypeVar("AnyTask", bound=Task)


@dataclass(slots=True, eq=False)
class _Entry(Generic[AnyTask]):
    task: AnyTask | None
    """None once discarded, so that an entry whose turn has not come keeps nothing alive."""
    due_s: float | None
    """When it was to wake up, if it was asleep."""


_Heap = list[tuple[float, int, _Entry[AnyTask]]]
"""By key and order of coming. Tuples, because they are compared without a call of Python's."""


class RunQueue(Generic[AnyTask]):
    """Tasks that are due, and tasks asleep, by when they are due.

    Who is at his end goes first: he costs next to nothing, and somebody waits for his last word.
    Equals take turns in the order in which they became due, so that under load all wait equally
    long. Whoever used more than the average waits longer in proportion: long slices come less
    often, and everybody gets the same time. Nobody waits for ever, for what was used is forgotten,
    and nobody saves time up by being away.

    Attributes:
        slices: How often a task was served.
        served_s: How long all of that took.
        overslept_s: For how long the task taken last had been due when it was looked for; None
            where it had not been asleep.
    """

    def __init__(self) -> None:
        self.slices = 0
        self.served_s = 0.0
        self.overslept_s: float | None = None
        self._ready: _Heap[AnyTask] = []
        self._asleep: _Heap[AnyTask] = []
        self._valid: dict[int, _Entry[AnyTask]] = {}
        self._order = count()
        self._everybody = Account()

    def __len__(self) -> int:
        return len(self._valid)

    def __contains__(self, task: AnyTask) -> bool:
        return id(task) in self._valid

    @property
    def ready(self) -> int:
        """Tasks that were due when last looked, and perhaps some that have left since."""
        return len(self._ready)

    def put(self, task: AnyTask, now_s: float) -> None:
        """Queue a task, or queue it anew where it is queued already."""
        due_s = task.due_s
        if task.ending:
            self._push(self._ready, -inf, task)
        elif due_s <= now_s:
            self._make_ready(task, now_s, None, now_s)
        else:
            self._push(self._asleep, due_s, task)

    def charge(self, task: AnyTask, served_s: float, now_s: float) -> None:
        """Note that a task was served, before it is put back."""
        self.slices += 1
        self.served_s += served_s
        task.account.charge(served_s, now_s)
        self._everybody.charge(served_s, now_s)

    def discard(self, task: AnyTask) -> None:
        """Forget a task, if it is queued."""
        entry = self._valid.pop(id(task), None)
        if entry is not None:
            entry.task = None

    def take(self, now_s: float) -> AnyTask | None:
        """Take out the task whose turn it is; None if none is due."""
        while self._asleep and self._asleep[0][0] <= now_s:
            due_s, _, entry = heapq.heappop(self._asleep)
            if entry.task is not None:
                self._make_ready(entry.task, due_s, due_s, now_s)
        while self._ready:
            _, _, entry = heapq.heappop(self._ready)
            if entry.task is not None:
                del self._valid[id(entry.task)]
                self.overslept_s = None if entry.due_s is None else now_s - entry.due_s
                return entry.task
        return None

    def next_due_s(self) -> float:
        """Tell when the first sleeper is due; inf without one."""
        return self._asleep[0][0] if self._asleep else inf

    def late_s(self, now_s: float) -> float:
        """Tell for how long the first in the queue has been due; 0 if none is."""
        firsts = [heap[0][0] for heap in (self._ready, self._asleep) if heap]
        # Whoever goes first of all has not waited.
        return max(0.0, now_s - min((key for key in firsts if key > -inf), default=now_s))

    def _penalty_s(self, account: Account, now_s: float) -> float:
        share_s = self._everybody.remembered(now_s) / (len(self) + 1)
        excess_s = account.remembered(now_s) - share_s
        return min(max(PATIENCE * excess_s, 0.0), LONGEST_PENALTY_S)

    def _make_ready(self, task: AnyTask, since_s: float, due_s: float | None, now_s: float) -> None:
        key = since_s + self._penalty_s(task.account, now_s)
        self._push(self._ready, key, task, due_s)

    def _push(
        self, heap: _Heap[AnyTask], key: float, task: AnyTask, due_s: float | None = None
    ) -> None:
        self.discard(task)
        entry = self._valid[id(task)] = _Entry(task, due_s)
        heapq.heappush(heap, (key, next(self._order), entry))
