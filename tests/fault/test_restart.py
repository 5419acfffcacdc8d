"""The server restarts under load: all pages reconnect soon, but not at the same moment."""

import statistics
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable

import pytest

from tests.support.client import connected
from tests.support.pages import pages
from tests.support.server import ServerProcess, running

BACK_WITHIN_S = 10.0
WINDOW_S = 0.1
FIRST_DELAY_S = 0.2


@pytest.mark.parametrize("away", ["briefly", "for a while"])
def test_after_a_restart_under_load_all_pages_reconnect_with_jitter(
    server: ServerProcess,
    away: str,
    rounds: Callable[[int, int], int],
    note: Callable[[str], None],
) -> None:
    users = rounds(60, 500)
    attempts = 1 if away == "briefly" else rounds(3, 6)
    with pages(server.port, users, pace=10, batch_size=16, dropout=0.1) as crowd:
        crowd.wait_until_all_train(0)
        lost_s = time.time()
        server.kill()
        crowd.wait(
            lambda: Counter(event.page for event in crowd.since(lost_s, "connecting")),
            lambda tried: all(tried[page] >= attempts for page in range(users)),
        )
        start_s = time.time()
        server.start()
        took_s = crowd.wait_until_all_train(start_s)
        tried_s: dict[int, list[float]] = {page: [] for page in range(users)}
        for event in crowd.since(lost_s, "connecting"):
            tried_s[event.page].append(event.at_s)
        most = densest(event.at_s for event in crowd.since(start_s, "open"))
        crowd.finish()
    spread_s = middle_half(times_s[attempts - 1] for times_s in tried_s.values())
    note(
        f"{users} users back within {max(took_s.values()):.1f} s, at most {most} in {WINDOW_S} s; "
        f"the middle half of attempt {attempts} took {spread_s:.2f} s"
    )
    assert max(took_s.values()) < BACK_WITHIN_S
    # Without jitter, the spread would be a few milliseconds.
    assert spread_s > 0.1 * FIRST_DELAY_S * 2 ** (attempts - 1)


def test_a_page_refused_by_a_full_server_backs_off() -> None:
    tries = 5
    with (
        running(["--max-connections", "1"]) as server,
        connected(server),
        pages(server.port, 1, pace=10) as page,
    ):
        at_s = page.wait(
            lambda: [event.at_s for event in page.since(0, "connecting")],
            lambda at_s: len(at_s) >= tries,
        )
        assert not page.since(0, "frame")
    for attempt in range(tries - 1):
        shortest_s = 0.5 * FIRST_DELAY_S * 2**attempt
        # Timers and `time.time` use different clocks.
        assert at_s[attempt + 1] - at_s[attempt] > shortest_s - 0.02


def middle_half(moments_s: Iterable[float]) -> float:
    """Return the interquartile range."""
    first, _, last = statistics.quantiles(moments_s, n=4)
    return last - first


def densest(moments_s: Iterable[float]) -> int:
    """Return the largest number of moments within one window of `WINDOW_S`."""
    ordered = sorted(moments_s)
    return max(
        bisect_right(ordered, at_s + WINDOW_S) - number for number, at_s in enumerate(ordered)
    )
