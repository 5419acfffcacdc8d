"""Many users at once: frames, ages, fairness and answers, from one user to three thousand.

All users are in this process, the server in another one; both share the machine. A frame's age
counts from the time when its epoch was due by the pace, so it includes every delay: waking,
computing, encoding, sending, receiving.
"""

import asyncio
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from math import nan
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.support.crowd import User, gather, run
from benchmarks.support.report import Report
from benchmarks.support.served import Served, serving
from nnvisu import engine
from nnvisu.training.conversion import checkpoint_message, points_message
from nnvisu.wire.messages import Budget, Data, Hyperparameters, Network, Train

PACE = 60.0
FRAMES_PER_SECOND = 10.0
NETWORK = Network((10, 5), (0, 1, 2))
GIANT = Network((100,) * 10, tuple(range(10)))
CROWDS = (1, 10, 30, 100, 300, 1000, 1500, 2000, 2500, 3000)
QUICK_CROWDS = (1, 100)
BUSY = 30
PAGES = str(Path(__file__).parent / "support" / "pages.py")


def main() -> None:
    """Measure and report."""
    report = Report("users", "Many users at once.")
    report.parser.add_argument("--crowds", type=int, nargs="*", help="numbers of users to try")
    report.parser.add_argument(
        "--server",
        nargs="*",
        default=["workers=auto", "log-level=warning"],
        help="options of the server (default: one worker per core)",
    )
    options = report.options()
    _raise_file_limit()
    crowds = options.crowds
    if crowds is None:
        crowds = QUICK_CROWDS if options.quick else CROWDS
    measure_s = 3 if options.quick else 10
    for users in crowds:
        with serving([f"--{option}" for option in options.server]) as server:
            server.wait_until_ready()
            run(measure_crowd(report, server, users, measure_s))
    # One worker: with several, the kernel distributes the users at random.
    with serving([*(f"--{option}" for option in options.server), "--workers=1"]) as server:
        server.wait_until_ready()
        run(measure_fairness(report, server, measure_s))
    report.close()


async def measure_crowd(report: Report, server: Served, count: int, measure_s: float) -> None:
    """Measure `count` users who train at the usual pace."""
    train = a_train(NETWORK, 200, pace=PACE, frames_per_second=FRAMES_PER_SECOND)
    users = await gather(server.port, [train] * count, rate=max(200, count / 10))
    await asyncio.sleep(2)
    pages = await asyncio.create_subprocess_exec(
        sys.executable, PAGES, str(server.port), str(measure_s), stdout=subprocess.PIPE
    )
    for user in users:
        user.reset()
    epochs = [user.epochs for user in users]
    start_s, server_s, own_s = time.perf_counter(), server.cpu_s(), time.process_time()
    lags = await pings(users[:: max(1, count // 10)], measure_s)
    took_s = time.perf_counter() - start_s
    server_s, own_s = server.cpu_s() - server_s, time.process_time() - own_s
    frames = sorted(user.frames / took_s for user in users)
    paces = sorted(
        (user.epochs - before) / took_s for user, before in zip(users, epochs, strict=True)
    )
    ages = [age for user in users for age in user.ages_s]
    received = sum(user.received for user in users)
    page_s = [float(line) for line in (await pages.communicate())[0].split()]
    close(users)
    case = f"{count} users"
    thousand, many = count <= 1000, count <= 2500
    least = 0.99 * FRAMES_PER_SECOND if thousand else 4 if many else None
    report.add(case, "frames/s of the slowest", frames[0], "frames/s", least=least)
    report.add(case, "frames/s, median", statistics.median(frames), "frames/s")
    report.add(
        case, "epochs/s of the slowest", paces[0], "epochs/s", least=0.95 * PACE if many else None
    )
    report.add(case, "frame age, median", 1e3 * statistics.median(ages), "ms")
    report.add(case, "frame age, p99", 1e3 * p(99, ages), "ms", most=250 if thousand else None)
    report.add(case, "ping, p99", 1e3 * p(99, lags), "ms", most=20 if thousand else None)
    report.add(case, "page load, p95", 1e3 * p(95, page_s), "ms", most=500 if thousand else None)
    report.add(
        case, "bytes a frame", received / max(1, sum(user.frames for user in users)), "bytes"
    )
    report.add(case, "processor of the server", server_s / took_s, "cores")
    report.add(case, "processor of the users", own_s / took_s, "cores")
    report.add(case, "failures", sum(len(user.errors) for user in users), "users", most=0)


async def measure_fairness(report: Report, server: Served, measure_s: float) -> None:
    """Measure users without a pace, equal ones and one giant; then stop them repeatedly."""
    ordinary = a_train(NETWORK, 200)
    giant = a_train(GIANT, 1000)
    alone = [await speed_alone(server, train, measure_s) for train in (ordinary, giant)]
    for case, trains in (
        (f"{BUSY} equal unpaced users", [ordinary] * BUSY),
        (f"{BUSY} unpaced users, one a giant", [giant] + [ordinary] * (BUSY - 1)),
    ):
        users = await gather(server.port, trains, rate=1000)
        await asyncio.sleep(1)
        before = [user.epochs for user in users]
        lags = await pings(users[:5], measure_s)
        rates = [alone[train is giant] for train in trains]
        shares = [
            (user.epochs - epochs) / rate
            for user, epochs, rate in zip(users, before, rates, strict=True)
        ]
        least = 0.9 if giant in trains else 0.95
        report.add(case, "Jain index of kernel time", jain(shares), "", least=least)
        report.add(case, "ping, p99", 1e3 * p(99, lags), "ms", most=20)
        waits = []
        for _ in range(2 if measure_s < 5 else 10):
            for user in users:
                waits.append(await user.stop())
                user.begin()
        report.add(case, "stop, p99", 1e3 * p(99, waits), "ms", most=100)
        close(users)


async def speed_alone(server: Served, train: Train, measure_s: float) -> float:
    """Measure the epochs per second of a single user."""
    (user,) = await gather(server.port, [train], rate=1)
    await asyncio.sleep(0.5)
    before, start_s = user.epochs, time.perf_counter()
    await asyncio.sleep(measure_s / 3)
    speed = (user.epochs - before) / (time.perf_counter() - start_s)
    close([user])
    return speed


async def pings(users: Sequence[User], measure_s: float) -> list[float]:
    """Ping users in turn for some seconds; return the seconds until each pong."""
    lags = []
    end_s = time.perf_counter() + measure_s
    while time.perf_counter() < end_s:
        lags += [await user.ping() for user in users]
        await asyncio.sleep(0.02)
    return lags


def a_train(
    network: Network, samples: int, pace: float | None = None, frames_per_second: float = 10.0
) -> Train:
    """Make a train request for a network."""
    own = engine.Network(network.hidden_layers, network.classes)
    classes = min(len(network.classes), 8)
    points = engine.generate("blobs", samples, classes, 0.3, seed=1)
    return Train(
        id=0,
        network=network,
        checkpoint=checkpoint_message(engine.initialise(own, seed=1)),
        hyperparameters=Hyperparameters(learning_rate=0.001),
        data=Data(points_message(points)),
        budget=Budget(),
        pace=pace,
        frames_per_second=frames_per_second,
    )


def jain(shares: Sequence[float]) -> float:
    """Jain's index of fairness: 1 when all shares are equal, 1/n when one has all."""
    return sum(shares) ** 2 / (len(shares) * sum(share**2 for share in shares))


def p(percent: int, values: Sequence[float]) -> float:
    """Return a percentile; NaN without values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else nan


def close(users: Sequence[User]) -> None:
    """Close all users."""
    for user in users:
        user.close()


def _raise_file_limit() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    main()
