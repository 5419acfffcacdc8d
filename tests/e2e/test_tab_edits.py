"""Two tabs edit at once, with any clock and without Web Locks: no edit of either is lost."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.e2e import offline
from tests.e2e.conftest import Open
from tests.e2e.instrument import Instrument
from tests.support.server import ServerProcess

AT_A_TIME = 10
COPY = re.compile("is open in another tab; this is a copy of it")
YEARS_MS = 10 * 365 * 86_400_000

# As on plain http, where browsers have no Web Locks.
WITHOUT_LOCKS = "delete Navigator.prototype.locks"

SET_CLOCK = """(() => {
  const now = Date.now;
  Date.now = () => now() + SHIFT;
})()"""


def places(tab: Instrument, number: int, edits: int) -> list[tuple[float, float]]:
    """Return a tab's own window positions for at most 200 points."""
    left, top = tab.position(-1, 1)
    right, bottom = tab.position(1, -1)
    return [
        (
            left + (right - left) * (0.5 + index % 20) / 20,
            top + (bottom - top) * (0.25 + 0.5 * number + index // 20) / 10,
        )
        for index in range(edits)
    ]


def assert_edited(tab: Instrument, number: int, edits: int) -> None:
    """Assert that a tab has the points drawn in it, and its own setting."""
    found = tab.experiment()
    labels = [*offline.points(found).label.tolist(), *offline.points(found, 1).label.tolist()]
    assert labels == [number] * edits
    assert tab.experiment()["config"]["learning_rate"] == [0.02, 0.5][number]


@pytest.mark.parametrize("locks", [True, False], ids=["with Web Locks", "without Web Locks"])
def test_no_edit_of_two_tabs_is_lost(
    context: BrowserContext,
    open_at: Open,
    shared_server: ServerProcess,
    rounds: Callable[[int, int], int],
    *,
    locks: bool,
) -> None:
    edits = rounds(40, 200)
    if not locks:
        context.add_init_script(WITHOUT_LOCKS)
    tabs = [open_at(shared_server.url) for _ in range(2)]
    assert tabs[0].page.evaluate("'locks' in navigator") is locks
    expect(tabs[1].alert(COPY)).to_be_visible()
    expect(tabs[0].alert(COPY)).to_have_count(0)
    tabs[1].press("Dismiss")

    for number, tab in enumerate(tabs):
        tab.press("Clear data").pick(f"Class {number + 1}")
        tab.type("Learning rate", ["0.02", "0.5"][number])
    drawn = [places(tab, number, edits) for number, tab in enumerate(tabs)]
    for start in range(0, edits, AT_A_TIME):
        for tab, where in zip(tabs, drawn, strict=True):
            for x, y in where[start : start + AT_A_TIME]:
                tab.page.mouse.click(x, y)
    for number, tab in enumerate(tabs):
        tab.wait("n => atob(window.nnvisu.experiment().data.label).length === n", edits)
        assert_edited(tab, number, edits)
    for number, tab in enumerate(tabs):
        tab.reload()
        assert_edited(tab, number, edits)
        expect(tab.alert(COPY)).to_have_count(0)


def test_a_tab_that_slept_and_the_one_that_took_its_place_lose_nothing(
    context: BrowserContext, open_at: Open, shared_server: ServerProcess
) -> None:
    """Without Web Locks, a tab that does not answer for a while is taken for closed."""
    context.add_init_script(WITHOUT_LOCKS)
    sleeper = open_at(shared_server.url)
    sleeper.type("Learning rate", "0.02").draw([(0, 0.9, 2)]).train().wait_for_epoch(40).pause()
    before = sleeper.text()
    sleeper.page.evaluate(
        """() => setTimeout(() => {
          const until = performance.now() + 8000;
          while (performance.now() < until);
        })"""
    )
    other = open_at(shared_server.url)
    other.type("Learning rate", "0.5").draw([(0.1, 0.9, 3), (0.3, 0.9, 3)])
    made = other.experiment()["data"]["label"]
    expect(other.alert(COPY)).to_be_visible()
    other.ready()
    assert other.experiment()["data"]["label"] == made
    assert other.experiment()["config"]["learning_rate"] == 0.5
    assert sleeper.text() == before
    assert sleeper.reload().text() == before
    assert other.reload().experiment()["data"]["label"] == made


def test_tabs_that_open_at_once_share_nothing(
    context: BrowserContext, open_at: Open, shared_server: ServerProcess
) -> None:
    """A browser restores several tabs together; without Web Locks they negotiate by messages."""
    context.add_init_script(WITHOUT_LOCKS)
    open_at(shared_server.url).page.close()
    pages = [context.new_page() for _ in range(3)]
    for page in pages:
        page.goto(shared_server.url, wait_until="commit")
    tabs = [Instrument(page, shared_server.url).ready() for page in pages]
    names = {tab.page.evaluate("sessionStorage.getItem('nnvisu')") for tab in tabs}
    assert len(names) == len(tabs)


@pytest.mark.parametrize("shift_ms", [YEARS_MS, -YEARS_MS], ids=["years ahead", "years behind"])
def test_a_wrong_clock_has_no_effect(
    open_at: Open, shared_server: ServerProcess, shift_ms: int
) -> None:
    first = open_at(shared_server.url)
    first.type("Learning rate", "0.02").train().wait_for_epoch(30).pause()
    text = first.text()
    first.page.add_init_script(SET_CLOCK.replace("SHIFT", str(shift_ms)))
    first.reload()
    assert abs(first.page.evaluate("Date.now() - new Date().getTime()") - shift_ms) < 60_000
    assert first.text() == text

    second = open_at(shared_server.url)
    expect(second.alert(COPY)).to_be_visible()
    assert second.text() == text
    start = first.experiment()
    first.train().wait_for_epoch(60).pause()
    found = first.experiment()
    offline.assert_equal(found, offline.trained(start, found["epoch"]))
    second.type("Learning rate", "0.5")
    first.reload()
    assert first.experiment() == found
    second.reload()
    assert second.experiment()["config"]["learning_rate"] == 0.5


def test_setting_the_clock_while_the_page_is_open_has_no_effect(
    open_at: Open, shared_server: ServerProcess
) -> None:
    page = open_at(shared_server.url)
    start = page.experiment()
    page.train().wait_for_epoch(20)
    for shift_ms in (YEARS_MS, -2 * YEARS_MS):
        page.page.evaluate(SET_CLOCK.replace("SHIFT", str(shift_ms)))
        page.wait_for_epoch(page.epoch + 30)
        expect(page.status("Connection")).to_have_text("connected")
    page.pause()
    found = page.experiment()
    offline.assert_equal(found, offline.trained(start, found["epoch"]))
