"""Pens, palms and fingers; other screens, clocks and graphics; tabs that come back."""

from collections.abc import Sequence

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.e2e import offline
from tests.e2e.conftest import Open
from tests.e2e.instrument import Instrument
from tests.support.server import ServerProcess

POINTERS = """(map, events) => {
  const { left, top, width, height } = map.getBoundingClientRect();
  map.setPointerCapture = () => {};
  for (const [type, x, y, more] of events) {
    map.dispatchEvent(new PointerEvent(`pointer${type}`, {
      bubbles: true, cancelable: true, isPrimary: true, button: type === "move" ? -1 : 0,
      clientX: left + (x + 1) / 2 * width, clientY: top + (1 - y) / 2 * height, ...more,
    }));
  }
}"""
PEN = {"pointerType": "pen", "pointerId": 7, "pressure": 0.4}
FINGER = {"pointerType": "touch", "pointerId": 1, "width": 20, "height": 20}
PALM = {"pointerType": "touch", "pointerId": 2, "width": 90, "height": 120}
ERASER = {**PEN, "button": 5, "buttons": 32}


def point(page: Instrument, *events: Sequence[object]) -> None:
    """Send pointer events to the map."""
    page.map.evaluate(POINTERS, list(events))


def count(page: Instrument) -> int:
    """Count the points."""
    return len(offline.points(page.experiment()))


@pytest.fixture
def blank(page: Instrument) -> Instrument:
    """A page without points."""
    return page.press("Clear data")


def test_a_pen_draws_and_its_eraser_erases(blank: Instrument) -> None:
    point(blank, ["down", 0, 0, PEN], ["move", 0.3, 0, PEN], ["up", 0.3, 0, PEN])
    drawn = count(blank)
    assert drawn >= 4
    erased = [["down", 0, 0, ERASER], ["move", 0.3, 0, {**ERASER, "button": -1}]]
    point(blank, *erased, ["up", 0.3, 0, ERASER])
    assert count(blank) == 0
    expect(blank.radio("Draw")).to_be_checked()
    blank.press("Undo")
    assert count(blank) == drawn


def test_the_other_buttons_of_pen_and_mouse_do_nothing(blank: Instrument) -> None:
    for button in (1, 2):
        for kind in (PEN, {"pointerType": "mouse", "pointerId": 1}):
            point(blank, ["down", 0, 0, {**kind, "button": button}], ["up", 0, 0, kind])
    assert count(blank) == 0


def test_a_palm_beside_a_stroke_draws_nothing(blank: Instrument) -> None:
    stroke = [["down", -0.5, 0, PEN], ["move", -0.3, 0, PEN]]
    palm = [["down", 0.8, -0.8, PALM], ["move", 0.8, -0.5, PALM], ["up", 0.8, -0.5, PALM]]
    point(blank, *stroke, *palm, ["move", -0.1, 0, PEN], ["up", -0.1, 0, PEN])
    found = offline.points(blank.experiment())
    assert len(found) >= 5
    assert max(found.x) < 0
    blank.press("Undo")
    assert count(blank) == 0


def test_a_pen_takes_over_from_a_hand_that_came_first(blank: Instrument) -> None:
    point(blank, ["down", 0.8, -0.8, PALM], ["down", -0.5, 0, PEN], ["move", 0.8, -0.2, PALM])
    point(blank, ["move", -0.1, 0, PEN], ["up", -0.1, 0, PEN], ["up", 0.8, -0.2, PALM])
    found = offline.points(blank.experiment())
    assert sum(found.x < 0) >= 5
    assert sum(found.x > 0) == 1


def test_a_second_finger_does_not_disturb_the_first(blank: Instrument) -> None:
    second = {**FINGER, "pointerId": 5}
    point(blank, ["down", -0.5, 0, FINGER], ["down", 0.5, 0.5, second], ["up", 0.5, 0.5, second])
    point(blank, ["move", -0.2, 0, FINGER], ["up", -0.2, 0, FINGER])
    assert max(offline.points(blank.experiment()).x) < 0


@pytest.mark.parametrize("end", ["cancel", "lost"])
def test_a_stroke_that_the_system_ends_is_over(blank: Instrument, end: str) -> None:
    point(blank, ["down", -0.5, 0, FINGER])
    if end == "cancel":
        point(blank, ["cancel", -0.5, 0, FINGER])
    else:
        blank.map.dispatch_event("lostpointercapture", {"pointerId": 1})
    point(blank, ["move", 0.5, 0, FINGER])
    assert count(blank) == 1
    point(blank, ["down", 0.5, 0.5, {**FINGER, "pointerId": 9}])
    assert count(blank) == 2


# Chromium without windows changes the ratio without an event, so here the test sends it.
SCREENS = """() => {
  const match = window.matchMedia.bind(window);
  const queries = [];
  window.matchMedia = (query) => {
    const list = match(query);
    if (query.includes("resolution")) queries.push(list);
    return list;
  };
  let ratio = 1;
  Object.defineProperty(window, "devicePixelRatio", { get: () => ratio });
  window.moveTo = (other) => {
    ratio = other;
    for (const list of queries.splice(0)) list.dispatchEvent(new Event("change"));
  };
}"""
SHARP = """(ratio) => [...document.querySelectorAll(".map canvas, .diagram canvas")]
  .every((canvas) => Math.abs(canvas.width / canvas.clientWidth - ratio) < 0.02)"""


def test_moving_to_another_screen_redraws_at_its_resolution(
    context: BrowserContext, open_at: Open, shared_server: ServerProcess
) -> None:
    context.add_init_script(f"({SCREENS})()")
    page = open_at(shared_server.url)
    for ratio in (1, 2, 1.5, 1):
        page.page.evaluate("ratio => window.moveTo(ratio)", ratio)
        page.wait(SHARP, ratio)


LOSE = """() => {
  for (const canvas of document.querySelectorAll(".map canvas, .diagram canvas")) {
    canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    canvas.dispatchEvent(new Event("contextrestored"));
  }
}"""
DRAWN = """() => [...document.querySelectorAll(".map canvas, .diagram canvas")].every((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value > 0);
})"""


def test_what_a_canvas_has_lost_is_drawn_again(page: Instrument) -> None:
    page.watch.expect("willReadFrequently")
    page.wait(DRAWN)
    page.page.evaluate(LOSE)
    page.wait(DRAWN)


# As browsers that protect against fingerprinting round their clocks.
COARSE = """() => {
  const now = performance.now.bind(performance);
  performance.now = () => Math.floor(now() / 100) * 100;
  const date = Date.now;
  Date.now = () => Math.floor(date() / 100) * 100;
}"""


def test_a_coarse_clock_changes_no_result(open_at: Open, shared_server: ServerProcess) -> None:
    page = open_at(shared_server.url)
    page.page.add_init_script(f"({COARSE})()")
    page.reload()
    start = page.experiment()
    page.train().wait_for_epoch(60).pause()
    found = page.experiment()
    offline.assert_equal(found, offline.trained(start, found["epoch"]))
    page.reload()
    assert page.experiment() == found


HIDE = """() => {
  Object.defineProperty(document, "hidden", { value: true, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
NEWEST = """() => JSON.parse(localStorage.getItem(Object.keys(localStorage)
  .find((key) => key.endsWith("run/1"))).split(":").slice(2).join(":"))"""


def test_a_hidden_tab_saves_at_once_and_trains_on(page: Instrument) -> None:
    page.train().wait_for_epoch(20)
    moment = page.page.evaluate(
        f"() => {{ ({HIDE})(); const run = window.nnvisu.document().runs[0];"
        " return (run.newest ?? run.line.at(-1)).id; }"
    )
    head = page.page.evaluate(NEWEST)
    assert (head["newest"] or head["line"][-1]) >= moment
    page.wait_for_epoch(page.epoch + 30)


def test_a_page_from_the_back_forward_cache_loads_again(page: Instrument) -> None:
    page.press("Step").wait_for_epoch(1)
    text = page.text()
    with page.page.expect_navigation():
        page.page.evaluate(
            "() => { dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));"
            " dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })); }"
        )
    assert page.ready().text() == text
