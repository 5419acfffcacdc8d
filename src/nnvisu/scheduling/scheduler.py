"""The compute threads, and the only way from them to the event loop.

There are as many threads as processors. Each takes the job that is next, runs one slice of it, and
puts it back. Replies reach the event loop in batches.
"""

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from math import inf
from typing import Protocol
from weakref import WeakValueDictionary

from nnvisu.observability.logs import CONNECTION, log
from nnvisu.observability.metrics import Metrics
from nnvisu.processes.cpu_count import cpu_count
from nnvisu.scheduling.frame_rate import FrameRate
from nnvisu.scheduling.jobs import Job
from nnvisu.scheduling.run_queue import Account, AddressShare, RunQueue
from nnvisu.wire.messages import Ended, Error, Reply

SLICE_S = 0.004
BATCH_S = 0.004
"""How long a reply may wait for others before the event loop is woken. Waking it costs a system
call and two switches of the GIL, which is more than a small slice."""
MIN_SLEEP_S = 0.002
"""Jobs that are due within this time of one another are served together."""


class Recipient(Protocol):
    """Where replies go."""

    @property
    def deliver(self) -> Callable[[Reply], None]:
        """Take a reply, on the event loop."""


CLOSE_S = 0.5
"""Limit for the threads to end their slices when the server ends."""


class Scheduler:
    """The compute threads and their queue of jobs.

    Create it and call its methods on the event loop, except `post`, `end` and `lock`, which any
    thread may use. `on_progress` is called on the event loop with the progress of the engine's
    preparation, from 0 to 1.

    Attributes:
        ready: Whether the engine is prepared; earlier requests wait.
        failed: Whether the preparation raised; its traceback has been logged.
    """

    def __init__(
        self,
        on_progress: Callable[[float], None],
        threads: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.ready = False
        self.failed = False
        self.lock = threading.Lock()
        self._changed = threading.Condition(self.lock)
        self._on_progress = on_progress
        self._thread_count = threads or cpu_count()
        self._clock = clock
        self._queue: RunQueue[Job] = RunQueue()
        self._addresses: WeakValueDictionary[str, AddressShare] = WeakValueDictionary()
        """Kept while a client of the address is connected."""
        self._jobs: set[Job] = set()
        """All that are queued or running. Guarded by the lock."""
        self._outbox: deque[tuple[Recipient, Reply]] = deque()
        self._flush_is_due = False
        self._flush_due_s = self._batch_due_s = clock()
        self._frame_rate = FrameRate(clock())
        self._closing = False
        self._threads: list[threading.Thread] = []
        self._loop = asyncio.get_running_loop()
        self._draining = False
        self._drained = asyncio.Event()

    def start(self) -> None:
        """Prepare the engine in the background, then start the compute threads."""
        self._start_thread(self._prepare, "nnvisu-prepare")

    def account(self, address: str) -> Account:
        """Open the account of a new client; all clients of one address share its turns."""
        share = self._addresses.get(address)
        if share is None:
            share = self._addresses[address] = AddressShare()
        return Account(address=share)

    def add(self, job: Job) -> None:
        """Queue a new job."""
        with self.lock:
            self._jobs.add(job)
            if self._draining:
                job.end(None)
            self._queue.put(job, self._clock())
            self._changed.notify()

    def end(self, job: Job, ended: Ended | None) -> None:
        """Make a training send its last frame within a slice; see `Job.end`."""
        with self.lock:
            job.end(ended)
            if job in self._queue:
                self._queue.put(job, self._clock())
                self._changed.notify()

    def remove(self, jobs: Iterable[Job]) -> None:
        """Drop jobs; one that is running ends with its slice."""
        with self.lock:
            for job in jobs:
                self._queue.discard(job)
                self._forget(job)

    def post(self, recipient: Recipient, reply: Reply) -> None:
        """Put a reply into the next batch for the event loop.

        Called in a slice; the compute thread wakes the event loop after it.
        """
        if not self._outbox:
            self._batch_due_s = self._clock() + BATCH_S
        self._outbox.append((recipient, reply))

    async def drain(self, limit_s: float) -> None:
        """End every training with a last frame; wait for all jobs, at most ``limit_s`` seconds."""
        with self.lock:
            self._draining = True
            # A copy: threads remove jobs as soon as the lock is free.
            jobs = list(self._jobs)
        for job in jobs:
            self.end(job, None)
        if jobs:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._drained.wait(), limit_s)
        self._flush()

    def report(self, metrics: Metrics) -> None:
        """Write the counts so far, and how long the first job in the queue has waited."""
        metrics.ready = self.ready
        with self.lock:
            metrics.busy = len(self._jobs)
            metrics.slices = self._queue.slices
            metrics.kernel_s = self._queue.served_s
            metrics.queue_delay.observe(self._queue.late_s(self._clock()))

    def close(self) -> None:
        """End the threads; waits for their current slices, `CLOSE_S` at most.

        On a slow processor a single step of the largest network takes longer. Threads end with the
        process. A thread that compiles cannot be interrupted and is not waited for.
        """
        with self.lock:
            self._closing = True
            self._changed.notify_all()
        if self.ready or self.failed:
            until_s = self._clock() + CLOSE_S
            for thread in self._threads:
                thread.join(max(0.0, until_s - self._clock()))
        # Replies of the last slices are not delivered.
        self._outbox.clear()

    def _start_thread(self, target: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _prepare(self) -> None:
        """Import and compile the engine, then become ready (on a thread of its own)."""
        done = False
        try:
            from nnvisu.training import computations

            computations.prepare(self._progress)
            done = True
            if problems := computations.cache_problems():
                log("warning", "kernel cache", problem=problems[0], problems=len(problems))
        finally:
            # The event loop may be closed if the server was stopped meanwhile.
            if not self._closing:
                self._loop.call_soon_threadsafe(self._prepared, done)

    def _progress(self, progress: float) -> None:
        # _prepared reports 1, once the compute threads are started.
        if progress < 1 and not self._closing:
            self._loop.call_soon_threadsafe(self._on_progress, progress)

    def _prepared(self, done: bool) -> None:
        self.ready = done
        self.failed = not done
        if done:
            for _ in range(self._thread_count):
                self._start_thread(self._run_jobs, "nnvisu-compute")
            self._on_progress(1.0)

    def _run_jobs(self) -> None:
        """Run slices until the scheduler closes (on each compute thread).

        An exception in a job answers its request with an error and ends this thread with a
        traceback; a new thread replaces it, so no other job is affected.
        """
        with self.lock:
            job = self._take()
        start_s = time.thread_time()
        while job is not None:
            succeeded = False
            try:
                job.run(SLICE_S, self._frame_rate.stretch)
                succeeded = True
            finally:
                # The clock is read once a slice: queueing one job is charged to the next.
                end_s = time.thread_time()
                with self.lock:
                    self._put_back(job, end_s - start_s, succeeded)
                    job = self._take() if succeeded else None
                start_s = end_s

    def _take(self) -> Job | None:
        """Wait for a job that is due, holding the lock; None once the scheduler closes."""
        while not self._closing:
            now_s = self._clock()
            job = self._queue.take(now_s)
            if self._outbox and (job is None or now_s >= self._batch_due_s):
                self._wake_loop(now_s)
            if job is not None:
                if self._queue.overslept_s is not None:
                    self._frame_rate.observe(self._queue.overslept_s, now_s)
                if self._queue.ready:
                    self._changed.notify()
                return job
            due_s = self._queue.next_due_s()
            self._changed.wait(None if due_s == inf else max(due_s - now_s, MIN_SLEEP_S))
        return None

    def _wake_loop(self, now_s: float) -> None:
        # Set before the outbox is emptied: a reply that is added while it is True is still found.
        if not self._flush_is_due:
            self._flush_is_due = True
            self._flush_due_s = now_s
            self._loop.call_soon_threadsafe(self._flush)

    def _put_back(self, job: Job, served_s: float, succeeded: bool) -> None:
        """Charge a slice, and queue its job again unless it is over; holding the lock."""
        now_s = self._clock()
        self._queue.charge(job, served_s, now_s)
        if not succeeded:
            job.close()
            CONNECTION.set(job.connection)
            sentence = "The server met a fault of its own in this request, and dropped it."
            job.client.reply(Error(message=sentence, id=job.id))
            self._loop.call_soon_threadsafe(self._start_thread, self._run_jobs, "nnvisu-compute")
        if job.over:
            self._forget(job)
        elif job in self._jobs:
            self._queue.put(job, now_s)
        else:
            # Removed while it ran: this thread may keep a reference until its next job.
            job.close()

    def _forget(self, job: Job) -> None:
        """Count a job as done, holding the lock."""
        self._jobs.discard(job)
        if self._draining and not self._jobs:
            self._loop.call_soon_threadsafe(self._drained.set)

    def _flush(self) -> None:
        """Deliver the batch of replies (on the event loop)."""
        now_s = self._clock()
        with self.lock:
            self._frame_rate.observe(now_s - self._flush_due_s, now_s)
        self._flush_is_due = False
        while self._outbox:
            recipient, reply = self._outbox.popleft()
            recipient.deliver(reply)
