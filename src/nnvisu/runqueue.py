"""Which task runs next: the least served of those that are due. A plain structure, no threads."""

import heapq
from dataclasses import dataclass, field
from itertools import count
from math import inf
from typing import Generic, Protocol, TypeVar


@dataclass(slots=True)
class Account:
    """How much one user has been served: `virtual_s` grows by the time that their work took."""

    virtual_s: float = 0.0


class Task(Protocol):
    """What waits for its turn."""

    account: Account

    @property
    def due_s(self) -> float:
        """When it wants to run, by the clock; -inf for at once."""


AnyTask = TypeVar("AnyTask", bound=Task)


@dataclass(slots=True, order=True)
class _Entry(Generic[AnyTask]):
    key: float
    order: int
    task: AnyTask | None = field(compare=False)
    """None once discarded, so that an entry whose turn has not come keeps nothing alive."""


class RunQueue(Generic[AnyTask]):
    """Tasks that are due, by their users' virtual time; and tasks asleep, by when they are due.

    Whoever was away starts at the virtual time of those served now: nobody saves time up, and
    nobody new waits behind those who have long been served.
    """

    def __init__(self) -> None:
        self._ready: list[_Entry[AnyTask]] = []
        self._asleep: list[_Entry[AnyTask]] = []
        self._valid: dict[int, _Entry[AnyTask]] = {}
        self._order = count()
        self._virtual_s = 0.0

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
        if due_s <= now_s:
            task.account.virtual_s = max(task.account.virtual_s, self._virtual_s)
            self._push(self._ready, task.account.virtual_s, task)
        else:
            self._push(self._asleep, due_s, task)

    def discard(self, task: AnyTask) -> None:
        """Forget a task, if it is queued."""
        entry = self._valid.pop(id(task), None)
        if entry is not None:
            entry.task = None

    def take(self, now_s: float) -> AnyTask | None:
        """Take out the least served task that is due."""
        while self._asleep and self._asleep[0].key <= now_s:
            entry = heapq.heappop(self._asleep)
            if entry.task is not None:
                self.put(entry.task, now_s)
        while self._ready:
            entry = heapq.heappop(self._ready)
            if entry.task is not None:
                del self._valid[id(entry.task)]
                self._virtual_s = max(self._virtual_s, entry.key)
                return entry.task
        return None

    def next_due_s(self) -> float:
        """Tell when the first sleeper is due; inf without one."""
        return self._asleep[0].key if self._asleep else inf

    def _push(self, heap: list[_Entry[AnyTask]], key: float, task: AnyTask) -> None:
        self.discard(task)
        entry = _Entry(key, next(self._order), task)
        self._valid[id(task)] = entry
        heapq.heappush(heap, entry)
