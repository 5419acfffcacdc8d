"""A long job among training users: how long its slices hold a thread, and how long users wait.

The scheduler runs in this process, with its real threads and sessions; there is no network.
"""

import asyncio
import sys
import time
from math import inf
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.support.crowd import run
from benchmarks.support.report import Report
from benchmarks.users import GIANT, NETWORK, PACE, a_train, p
from nnvisu import engine
from nnvisu.scheduling.client_requests import ClientRequests
from nnvisu.scheduling.jobs import Job, Message
from nnvisu.scheduling.scheduler import Scheduler
from nnvisu.serving.server import SWITCH_S
from nnvisu.training.computations import COMPUTATIONS
from nnvisu.training.conversion import network_of
from nnvisu.wire.messages import Ended, Frame, Generated, Inspect, Points, Reply, Train

USERS = 30
WORK_S = 10.0
QUICK_WORK_S = 3.0


class Work(msgspec.Struct, frozen=True):
    """The request of the long job."""

    id: int
    seconds: float
    """Of processor time."""


class Working:
    """Evaluates a network repeatedly, as a loss landscape would."""

    due_s = -inf

    def __init__(self, work: Work) -> None:
        self.over = False
        self._id = work.id
        self._left_s = work.seconds
        network = network_of(NETWORK)
        self._parameters = engine.initialise(network, seed=1).parameters
        self._evaluator = engine.Evaluator(network, engine.generate("blobs", 1000, 3, 0.3, seed=1))

    def advance(self, slice_s: float, _stretch: float) -> Generated | None:
        """Run one slice."""
        end_s, cpu_s = time.monotonic() + slice_s, time.thread_time()
        while time.monotonic() < end_s:
            self._evaluator.metrics(self._parameters)
        self._left_s -= time.thread_time() - cpu_s
        self.over = self._left_s <= 0
        return Generated(self._id, Points()) if self.over else None

    def end(self, _ended: Ended | None) -> None:
        """Do nothing: only trainings are ended early."""


COMPUTATIONS[Work] = Working


class Slices:
    """The slices of all jobs except trainings.

    Attributes:
        wall_s: How long each held its thread, including waits for the GIL and a processor.
        cpu_s: The processor time of each.
    """

    def __init__(self) -> None:
        self.wall_s: list[float] = []
        self.cpu_s: list[float] = []
        self._run = Job.run

    def run(self, job: Job, slice_s: float, stretch: float) -> None:
        """Run a slice of a job."""
        if job.is_training:
            self._run(job, slice_s, stretch)
            return
        wall_s, cpu_s = time.perf_counter(), time.thread_time()
        self._run(job, slice_s, stretch)
        self.cpu_s.append(time.thread_time() - cpu_s)
        self.wall_s.append(time.perf_counter() - wall_s)


class Client(ClientRequests):
    """The requests of a client, without a connection; it trains until it is stopped."""

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__(scheduler, self._take)
        self._train: Train | None = None
        self._answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

    def train(self, train: Train) -> None:
        """Start training, and resume when a budget ends."""
        self._train = train
        self.ask(train)

    async def answer_to(self, request: Message) -> Reply:
        """Send a single-reply request; wait for the reply."""
        self._answer = asyncio.get_running_loop().create_future()
        self.ask(request)
        return await self._answer

    async def stopped_s(self) -> float:
        """Stop the training and restart it; return the seconds until its last frame."""
        if self._train is None:
            raise RuntimeError("it does not train")
        train, self._train = self._train, None
        self._answer = asyncio.get_running_loop().create_future()
        start_s = time.perf_counter()
        self.stop(train.id)
        await self._answer
        waited_s = time.perf_counter() - start_s
        self.train(train)
        return waited_s

    def _take(self, reply: Reply) -> None:
        if isinstance(reply, Frame):
            if reply.ended is None:
                return
            if self._train is not None:
                self.train(msgspec.structs.replace(self._train, checkpoint=reply.checkpoint))
                return
        self._answer.set_result(reply)


async def measure(report: Report, slices: Slices, pace: float | None, work_s: float) -> None:
    """Run a long job, then statistics of the largest network, among training users."""
    ready = asyncio.Event()
    scheduler = Scheduler(lambda progress: ready.set() if progress == 1 else None)
    scheduler.start()
    await ready.wait()
    users = [Client(scheduler) for _ in range(USERS)]
    for user in users:
        user.train(a_train(NETWORK, 200, pace=pace))
    giant = a_train(GIANT, 1000)
    inspect = Inspect(2, giant.checkpoint, giant.data.training)
    name = f"{USERS} {'unpaced users' if pace is None else f'users at {pace:g} epochs/s'}"
    try:
        for case, request in (
            (f"job of {work_s:g} s, {name}", Work(1, work_s)),
            (f"statistics of 2-100x10-10, {name}", inspect),
        ):
            await beside(report, slices, case, request, Client(scheduler), users, work_s)
    finally:
        for user in users:
            user.leave()
        scheduler.close()


async def beside(
    report: Report,
    slices: Slices,
    case: str,
    request: Message,
    client: Client,
    users: list[Client],
    least_s: float,
) -> None:
    """Measure one job, repeated if it is short, while users stop and restart."""
    slices.wall_s, slices.cpu_s = [], []
    waits: list[float] = []
    answers: list[float] = []
    start_s = time.perf_counter()
    while not answers or time.perf_counter() < start_s + least_s:
        asked_s = time.perf_counter()
        answer = asyncio.create_task(client.answer_to(request))
        while not answer.done():
            waits.append(await users[len(waits) % len(users)].stopped_s())
            await asyncio.sleep(0.005)
        await answer
        answers.append(time.perf_counter() - asked_s)
    client.leave()
    report.add(case, "longest slice", 1e3 * max(slices.wall_s), "ms", most=10)
    report.add(case, "slice, p99", 1e3 * p(99, slices.wall_s), "ms")
    report.add(case, "longest slice, processor", 1e3 * max(slices.cpu_s), "ms", most=10)
    report.add(case, "slices", len(slices.wall_s), "")
    report.add(case, "answered after", sorted(answers)[len(answers) // 2], "s")
    report.add(case, "stop, p99", 1e3 * p(99, waits), "ms", most=100)


def main() -> None:
    """Measure and report."""
    report = Report("jobs", "A long job beside training users.")
    options = report.options()
    sys.setswitchinterval(SWITCH_S)
    slices = Slices()
    Job.run = lambda *arguments: slices.run(*arguments)  # type: ignore[method-assign] # to time it
    work_s = QUICK_WORK_S if options.quick else WORK_S
    run(measure(report, slices, PACE, work_s))
    # Among users without a pace, the job gets a thirtieth of the processors.
    run(measure(report, slices, None, work_s / 10))
    report.close()


if __name__ == "__main__":
    main()
