"""Soak test: hundreds of users connect, train, edit, stop and leave, for a long time.

``python scripts/soak.py --minutes 30`` prints its progress, and exits with code 1 if the server's
memory grows, files stay open, or a user gets an error.
"""

import argparse
import asyncio
import random
import statistics
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.support.crowd import User
from benchmarks.users import GIANT, NETWORK, PACE, a_train
from nnvisu import engine
from nnvisu.training.conversion import points_message
from nnvisu.wire.messages import Data
from tests.support.client import connected
from tests.support.server import ServerProcess, running

MIB = 2**20
MOST_GROWTH_MIB_PER_H = 1.0
SAMPLE_S = 2.0
LINE_S = 30.0
WARM_UP = 1 / 4
"""The fraction of the time in which memory may still grow, at most `LONGEST_WARM_UP_S`."""
LONGEST_WARM_UP_S = 300.0
BATCHES = 20
SETTLE_S = 30.0
"""The time in which the server must close the connections of users who left."""
ANSWER_S = 30.0
DATA = [Data(points_message(engine.generate("blobs", 200, 3, 0.3, seed))) for seed in range(20)]
TRAINS = [a_train(NETWORK, 200, pace=PACE, frames_per_second=10.0)] * 99 + [
    a_train(GIANT, 200, pace=1.0, frames_per_second=1.0)
]

Sample = tuple[float, float]


def main() -> int:
    """Run the users, then check memory, open files and errors."""
    parser = argparse.ArgumentParser(description="Many users for a long time.")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--users", type=int, default=500)
    options = parser.parse_args()
    with running() as server:
        with connected(server):
            pass
        files = server.open_files()
        did: Counter[str] = Counter()
        samples = asyncio.run(live(server, options.users, 60 * options.minutes, did))
        left = wait_until_closed(server, files)
    slope, error = growth(samples)
    print(f"did: {', '.join(f'{count} {what}' for what, count in sorted(did.items()))}")
    print(f"memory: {samples[0][1]:.1f} MiB after warm-up, {samples[-1][1]:.1f} MiB at the end")
    verdicts = {
        f"memory grows by {slope:.2f} +- {error:.2f} MiB/h, at most {MOST_GROWTH_MIB_PER_H:g}": (
            slope - 2 * error <= MOST_GROWTH_MIB_PER_H
        ),
        f"{left} open files, {files} at the start": left <= files,
        f"{did['errors']} errors": not did["errors"],
    }
    for sentence, kept in verdicts.items():
        print(f"{'kept' if kept else 'BROKEN'}: {sentence}")
    return 0 if all(verdicts.values()) else 1


async def live(
    server: ServerProcess, users: int, seconds: float, did: Counter[str]
) -> list[Sample]:
    """Run users; return samples (seconds, MiB) after the warm-up."""
    start_s = time.monotonic()
    end_s = start_s + seconds
    lives = [
        asyncio.create_task(come_and_go(server.port, end_s, seed, did)) for seed in range(users)
    ]
    warm_s = min(WARM_UP * seconds, LONGEST_WARM_UP_S)
    samples, line_s = [], 0.0
    while (now_s := time.monotonic()) < end_s:
        age_s, mib = now_s - start_s, server.resident_bytes() / MIB
        if age_s >= warm_s:
            samples.append((age_s, mib))
        if age_s >= line_s:
            here = server.connections()
            print(
                f"{age_s:6.0f} s  {mib:7.1f} MiB  {here:4} here  {did.total():7} done", flush=True
            )
            line_s += LINE_S
        await asyncio.sleep(SAMPLE_S)
    await asyncio.gather(*lives)
    return samples


async def come_and_go(port: int, end_s: float, seed: int, did: Counter[str]) -> None:
    """Visit repeatedly."""
    generator = random.Random(seed)  # noqa: S311 - reproducible, not secret
    while time.monotonic() < end_s:
        await asyncio.sleep(generator.uniform(0, 2))
        try:
            async with asyncio.timeout(end_s - time.monotonic() + ANSWER_S):
                user = await visit(port, end_s, generator, did)
        except (OSError, TimeoutError) as error:
            did["errors"] += 1
            print(f"user {seed}: {error!r}", flush=True)
            continue
        for sentence in user.errors:
            did["errors"] += 1
            print(f"user {seed}: {sentence}", flush=True)


async def visit(port: int, end_s: float, generator: random.Random, did: Counter[str]) -> User:
    """Connect, train, act as a user, and leave with or without a close frame."""
    train = generator.choice(TRAINS)
    loop = asyncio.get_running_loop()
    _, user = await loop.create_connection(partial(User, train), "127.0.0.1", port)
    await user.opened
    user.begin()
    did["visits"] += 1
    for _ in range(generator.randint(1, 5)):
        await asyncio.sleep(min(generator.expovariate(1 / 6), end_s - time.monotonic()))
        if time.monotonic() >= end_s:
            break
        data = generator.choice(DATA) if train.network == NETWORK else train.data
        match generator.choice(("edits", "pauses", "supersedes")):
            case "edits":
                await user.stop()
                user.begin(data=data)
                did["edits"] += 1
            case "pauses":
                await user.stop()
                await asyncio.sleep(generator.expovariate(1))
                user.begin()
                did["pauses"] += 1
            case "supersedes":
                user.begin(data=data)
                did["supersedes"] += 1
    did["frames"] += user.frames
    if generator.random() < 0.5:
        await user.leave()
        did["closed with a close frame"] += 1
    else:
        user.close()
        did["aborted"] += 1
    return user


def growth(samples: list[Sample]) -> tuple[float, float]:
    """Fit a line to the means of batches; return its slope and standard error, in MiB per hour."""
    size = max(1, len(samples) // BATCHES)
    batches = [samples[at : at + size] for at in range(0, len(samples) - size + 1, size)]
    hours = [statistics.fmean(at_s for at_s, _ in batch) / 3600 for batch in batches]
    mibs = [statistics.fmean(mib for _, mib in batch) for batch in batches]
    slope, intercept = statistics.linear_regression(hours, mibs)
    rests = [mib - slope * at - intercept for at, mib in zip(hours, mibs, strict=True)]
    spread = sum((at - statistics.fmean(hours)) ** 2 for at in hours)
    return slope, (sum(rest**2 for rest in rests) / (len(hours) - 2) / spread) ** 0.5


def wait_until_closed(server: ServerProcess, files: int) -> int:
    """Wait until the server has at most `files` open, or `SETTLE_S`; return their number."""
    deadline_s = time.monotonic() + SETTLE_S
    while (left := server.open_files()) > files and time.monotonic() < deadline_s:
        time.sleep(0.1)
    return left


if __name__ == "__main__":
    sys.exit(main())
