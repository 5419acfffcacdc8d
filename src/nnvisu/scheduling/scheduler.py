"""The workers: the only threads of the server, and the one way from them to the event loop.

As many workers as cores. Each takes the task whose turn it is, runs one slice of it, and puts it
back. Replies reach the event loop in batches.
"""

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from math import inf

from nnvisu.observability.logs import CONNECTION
from nnvisu.observability.metrics import Metrics
from nnvisu.processes.cpu_count import cores
from nnvisu.scheduling.client_requests import Seat
from nnvisu.scheduling.frame_rate import Load
from nnvisu.scheduling.jobs import Task
from nnvisu.scheduling.run_queue import RunQueue
from nnvisu.wire.messages import Ended, Error, Reply

SLICE_S = 0.004
BATCH_S = 0.004
"""How long a reply may wait for others before the event loop is told: to wake it costs more than a
small slice does, and so does to hand Python's lock over and back."""
NAP_S = 0.002
"""The shortest sleep: who is due within it is served with the next one."""


class Scheduler:
    """The workers and what waits for them.

    Create it and call its methods on the event loop, but for `post`, `end` and `lock`, which any
    thread may use. `on_progress` is told, on the event loop, how far the engine's preparation is.

    Attributes:
        ready: Whether the engine is prepared; requests that come earlier wait.
        failed: Whether the preparation broke off; its traceback has been printed.
    """

    def __init__(
        self,
        on_progress: Callable[[float], None],
        workers: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.ready = False
        self.failed = False
        self.lock = threading.Lock()
        self._changed = threading.Condition(self.lock)
        self._on_progress = on_progress
        self._workers = workers or cores()
        self._clock = clock
        self._queue: RunQueue[Task] = RunQueue()
        self._seats: set[Seat] = set()
        self._outbox: deque[tuple[Seat, Reply]] = deque()
        self._flush_is_due = False
        self._flush_due_s = self._batch_due_s = clock()
        self._load = Load(clock())
        self._closing = False
        self._threads: list[threading.Thread] = []
        self._loop = asyncio.get_running_loop()
        self._unfinished = 0
        self._draining = False
        self._drained = asyncio.Event()

    def start(self) -> None:
        """Prepare the engine in the background, then let the workers begin."""
        self._start_thread(self._prepare, "nnvisu-prepare")

    def join(self, deliver: Callable[[Reply], None]) -> Seat:
        """Give a connection its seat; `deliver` is called on the event loop with each reply."""
        seat = Seat(self, deliver)
        self._seats.add(seat)
        return seat

    def add(self, seat: Seat, task: Task) -> None:
        """Queue a task of a seat."""
        with self.lock:
            seat.tasks.add(task)
            self._unfinished += 1
            self._queue.put(task, self._clock())
            self._changed.notify()

    def end(self, task: Task, ended: Ended | None) -> None:
        """Make a task send its last frame within a slice."""
        with self.lock:
            task.end(ended)
            if task in self._queue:
                self._queue.put(task, self._clock())
                self._changed.notify()

    def remove(self, seat: Seat) -> None:
        """Drop a seat with everything that is queued for it; what runs ends with its slice."""
        with self.lock:
            self._seats.discard(seat)
            for task in seat.tasks:
                self._queue.discard(task)
            self._unfinished -= len(seat.tasks)
            seat.tasks.clear()

    def post(self, seat: Seat, reply: Reply) -> None:
        """Hand a reply over to the event loop, together with others that come soon after it.

        Called in a slice; the worker tells the event loop when it is time.
        """
        if not self._outbox:
            self._batch_due_s = self._clock() + BATCH_S
        self._outbox.append((seat, reply))

    async def drain(self, limit_s: float) -> None:
        """End every training with a last frame, for at most so many seconds."""
        tasks = [task for seat in self._seats for task in seat.tasks]
        with self.lock:
            self._draining = True
        for task in tasks:
            self.end(task, None)
        if tasks:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._drained.wait(), limit_s)
        self._flush()

    def report(self, metrics: Metrics) -> None:
        """Write down what was done so far, and how long the first in the queue has waited."""
        metrics.ready = self.ready
        with self.lock:
            metrics.busy = self._unfinished
            metrics.slices = self._queue.slices
            metrics.kernel_s = self._queue.served_s
            metrics.queue_delay.observe(self._queue.late_s(self._clock()))

    def close(self) -> None:
        """End the threads; each is waited for, which takes a slice at the most."""
        with self.lock:
            self._closing = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        # Nobody is told of what came last.
        self._outbox.clear()

    def _start_thread(self, target: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _prepare(self) -> None:
        """Import and compile the engine, then become ready (on a thread of its own)."""
        done = False
        try:
            from nnvisu.training import session

            session.prepare(self._progress)
            done = True
        finally:
            # The loop is gone where the server was ended meanwhile.
            if not self._closing:
                self._loop.call_soon_threadsafe(self._prepared, done)

    def _progress(self, progress: float) -> None:
        # The end is told by _prepared: only then are the workers there.
        if progress < 1 and not self._closing:
            self._loop.call_soon_threadsafe(self._on_progress, progress)

    def _prepared(self, done: bool) -> None:
        self.ready = done
        self.failed = not done
        if done:
            for number in range(self._workers):
                self._start_thread(self._work, f"nnvisu-worker-{number}")
            self._on_progress(1.0)

    def _work(self) -> None:
        """Run tasks until the scheduler closes (each worker's thread).

        A fault in a task ends its connection's request with an error and this thread with a
        traceback; another worker takes its place, so that nobody else notices.
        """
        with self.lock:
            task = self._take()
        start_s = time.thread_time()
        while task is not None:
            sound = False
            try:
                task.run(SLICE_S, self._load.stretch)
                sound = True
            finally:
                # The clock is asked once: what it takes to queue one counts as the next one's.
                end_s = time.thread_time()
                with self.lock:
                    self._put_back(task, end_s - start_s, sound)
                    task = self._take() if sound else None
                start_s = end_s

    def _take(self) -> Task | None:
        """Wait for a task that is due, holding the lock; None once the scheduler closes."""
        while not self._closing:
            now_s = self._clock()
            task = self._queue.take(now_s)
            if self._outbox and (task is None or now_s >= self._batch_due_s):
                self._tell_loop(now_s)
            if task is not None:
                if self._queue.overslept_s is not None:
                    self._load.observe(self._queue.overslept_s, now_s)
                if self._queue.ready:
                    self._changed.notify()
                return task
            due_s = self._queue.next_due_s()
            self._changed.wait(None if due_s == inf else max(due_s - now_s, NAP_S))
        return None

    def _tell_loop(self, now_s: float) -> None:
        # Set before the outbox is emptied: a reply appended while it is True is still found.
        if not self._flush_is_due:
            self._flush_is_due = True
            self._flush_due_s = now_s
            self._loop.call_soon_threadsafe(self._flush)

    def _put_back(self, task: Task, served_s: float, sound: bool) -> None:
        """Queue a task again that has been run, or be done with it, holding the lock."""
        now_s = self._clock()
        self._queue.charge(task, served_s, now_s)
        if task in task.seat.tasks:
            if task.over or not sound:
                self._finish(task)
            else:
                self._queue.put(task, now_s)
        if not sound:
            CONNECTION.set(task.seat.connection)
            sentence = "The server met a fault of its own in this request, and dropped it."
            self.post(task.seat, Error(message=sentence, id=task.id))
            self._loop.call_soon_threadsafe(self._start_thread, self._work, "nnvisu-worker")

    def _finish(self, task: Task) -> None:
        task.seat.finished(task)
        self._unfinished -= 1
        if self._draining and not self._unfinished:
            self._loop.call_soon_threadsafe(self._drained.set)

    def _flush(self) -> None:
        """Deliver what is in the outbox (on the event loop)."""
        now_s = self._clock()
        with self.lock:
            self._load.observe(now_s - self._flush_due_s, now_s)
        self._flush_is_due = False
        while self._outbox:
            seat, reply = self._outbox.popleft()
            if seat in self._seats:
                seat.deliver(reply)
