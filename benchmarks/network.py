"""A slow network: training speed and age of frames at 1 Mbit/s with 100 ms delay.

Each user behaves as the page does: it trains, acknowledges every frame, and sends the newest
checkpoint again when the budget ends. A user over loopback and a user over the slow link run
concurrently, on a core each, so other load on the machine affects both. Measured directly, and
through nginx with the configuration of deploy/.
"""

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import msgspec
from playwright.sync_api import sync_playwright
from websockets.sync.client import ClientConnection, connect

from benchmarks.support.report import Report
from benchmarks.support.served import serving
from benchmarks.users import NETWORK, PACE, a_train, p
from nnvisu.wire.messages import Budget, Engine, Frame
from tests.support.client import TIMEOUT_S, Client
from tests.support.proxies import proxy
from tests.support.throttle import Link, throttle

BITS_PER_S = 1e6
DELAY_S = 0.1
FRAMES_PER_SECOND = 30.0
ROUNDS = 5
EPOCH = "window.nnvisu.experiment().epoch"
UNACKNOWLEDGED_S = 3.0
"""How long a user acknowledges nothing."""


class User(Client):
    """A client that also records the size of the newest message."""

    def __init__(self, socket: ClientConnection) -> None:
        super().__init__(socket)
        self.newest_bytes = 0

    def receive(self, timeout_s: float = TIMEOUT_S) -> bytes | str:
        """Wait for the next message."""
        message = super().receive(timeout_s)
        self.newest_bytes = len(message)
        return message


def main() -> None:
    """Measure and report."""
    report = Report("network", "A slow network.")
    options = report.options()
    with ExitStack() as stack:
        server = stack.enter_context(serving())
        server.wait_until_ready()
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        nginx = stack.enter_context(proxy("nginx", [server.port], folder))
        for way, port in (("direct", server.port), ("through nginx", nginx)):
            link = stack.enter_context(throttle(port, BITS_PER_S, DELAY_S))
            measure(report, way, port, link, rounds=1 if options.quick else ROUNDS)
            if not options.quick:
                measure_page(report, f"the page, {way}", link)
    report.close()


def measure(report: Report, way: str, port: int, link: Link, rounds: int) -> None:
    """Measure one path to the server, fast and slow."""
    with ThreadPoolExecutor() as users:
        watcher = users.submit(ages, link, rounds)
        unacknowledged = users.submit(frames_without_acknowledgement, link.port)
        shares = []
        for _ in range(rounds):
            slow, fast = users.map(speed, (link.port, port))
            shares.append(slow / fast)
    ages_s, sizes, pace = watcher.result()
    report.add(way, "training speed of loopback's", statistics.median(shares), "", least=0.95)
    report.add(way, "pace of the wanted", pace / PACE, "", least=0.95)
    report.add(way, "age of what is shown, median", 1e3 * statistics.median(ages_s), "ms")
    report.add(way, "age of what is shown, p99", 1e3 * p(99, ages_s), "ms", most=500)
    report.add(way, "frames unacknowledged", unacknowledged.result(), "frames", most=2)
    report.add(way, "bytes a frame", statistics.fmean(sizes), "bytes", most=1500)


@contextmanager
def visiting(port: int) -> Iterator[User]:
    """Connect for the duration of the block."""
    with connect(f"ws://127.0.0.1:{port}/ws", compression=None) as socket:
        user = User(socket)
        user.expect(Engine)
        yield user


def measure_page(report: Report, case: str, link: Link) -> None:
    """Open the real page over the slow link, and train at the usual pace for two requests."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        print("chromium is not installed: the page is skipped", file=sys.stderr)
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        start_s = time.perf_counter()
        page.goto(f"http://127.0.0.1:{link.port}/")
        page.get_by_role("button", name="Train", exact=True).click()
        page.wait_for_function(f"() => {EPOCH} > 0")
        report.add(case, "first frame after opening", time.perf_counter() - start_s, "s")
        before, start_s = page.evaluate(EPOCH), time.perf_counter()
        page.wait_for_function(f"() => {EPOCH} >= {before + 20 * PACE}", timeout=60_000)
        epochs = page.evaluate(EPOCH) - before
        pace = epochs / (time.perf_counter() - start_s)
        report.add(case, "pace of the wanted", pace / PACE, "", least=0.95)
        browser.close()


def speed(port: int) -> float:
    """Train without a pace; return epochs per second, including the renewal of the request."""
    train = a_train(NETWORK, 200, frames_per_second=FRAMES_PER_SECOND)
    with visiting(port) as user:
        before = user.train(msgspec.structs.replace(train, budget=Budget(seconds=0.5)))[-1]
        start_s = time.perf_counter()
        after = user.train(msgspec.structs.replace(train, checkpoint=before.checkpoint))[-1]
        took_s = time.perf_counter() - start_s
    return (after.checkpoint.epoch - before.checkpoint.epoch) / took_s


def ages(link: Link, requests: int) -> tuple[list[float], list[int], float]:
    """Train at the usual pace; return each frame's age when the next one replaces it.

    Also return the size of each message with a frame, and the epochs per second. A frame's age
    counts from the time when its epoch was due by the server's clock, which starts when the whole
    request has passed the link.
    """
    train = a_train(NETWORK, 200, pace=PACE, frames_per_second=FRAMES_PER_SECOND)
    ages_s, sizes = [], []
    with visiting(link.port) as user:
        begin_s = time.perf_counter()
        for _ in range(requests):
            request_bits = 8 * len(msgspec.msgpack.encode(train))
            start_s = time.perf_counter() + request_bits / link.bits_per_s + link.delay_s
            first, shown_due_s = train.checkpoint.epoch, None
            user.send(train)
            for frame in user.frames(train.id):
                now_s = time.perf_counter()
                if shown_due_s is not None:
                    ages_s.append(now_s - shown_due_s)
                shown_due_s = start_s + (frame.checkpoint.epoch - first - 1) / PACE
                sizes.append(user.newest_bytes)
            train = msgspec.structs.replace(train, checkpoint=frame.checkpoint)
        took_s = time.perf_counter() - begin_s - 2 * link.delay_s
    return ages_s, sizes, frame.checkpoint.epoch / took_s


def frames_without_acknowledgement(port: int) -> int:
    """Count the frames received before the last one while none is acknowledged."""
    train = a_train(NETWORK, 200, frames_per_second=FRAMES_PER_SECOND)
    with visiting(port) as user:
        user.send(msgspec.structs.replace(train, budget=Budget(seconds=UNACKNOWLEDGED_S)))
        count = 0
        while user.expect(Frame).ended is None:
            count += 1
    return count


if __name__ == "__main__":
    main()
