"""Layout in every window size, and both themes."""

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.e2e.conftest import Open
from tests.e2e.instrument import Instrument
from tests.e2e.themes import poor_contrasts, wait_for_theme
from tests.support.server import ServerProcess

SIZES = [
    *(
        (2560, 1440),
        (1440, 900),
        (1366, 768),
        (1280, 720),
        (1100, 800),
        (1024, 768),
        (860, 700),
        (859, 700),
    ),
    *((768, 1024), (390, 844), (320, 568)),
]
# Whether all controls and metrics lie within the width of their card and of the window.
NOTHING_IS_CUT_OFF = """() => [...document.querySelectorAll("button, input, select, output, h2")]
  .filter((element) => element.checkVisibility())
  .every((element) => {
    const { left, right } = element.getBoundingClientRect();
    const card = element.closest("section")?.getBoundingClientRect();
    return left >= Math.max(0, card?.left ?? 0)
      && right <= Math.min(document.documentElement.clientWidth, card?.right ?? Infinity);
  })"""
# Whether the legend shows this many classes: inside the page, between the map and the next element.
LEGEND_IS_WHOLE = """(classes) => {
  const places = [...document.querySelectorAll(".classes-in-use > span:not(.share)")];
  const area = document.querySelector(".legend").getBoundingClientRect();
  const bar = document.querySelector(".transport");
  const next = (getComputedStyle(bar).position === "fixed"
    ? document.querySelector(".moment") : bar).getBoundingClientRect();
  const map = document.querySelector(".map").getBoundingClientRect();
  return places.length === classes && places
    .map((place) => place.getBoundingClientRect())
    .every(({ left, right, top, bottom }) => left >= area.left && right <= area.right
      && top >= map.bottom && bottom <= next.top + 1);
}"""


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_no_window_width_scrolls_horizontally(page: Instrument, width: int, height: int) -> None:
    page.page.set_viewport_size({"width": width, "height": height})
    page.wait("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    expect(page.map).to_be_visible()
    expect(page.button("Train")).to_be_in_viewport()
    page.page.locator("details").filter(has_text="Advanced").locator("summary").click()
    page.wait(NOTHING_IS_CUT_OFF)
    page.page.locator("summary[aria-label^='Experiment']").click()
    page.wait(NOTHING_IS_CUT_OFF)
    # With three columns only these scroll, whatever is open.
    expect(page.inside.get_by_role("table", name="Weights")).to_be_attached()
    if width >= 1100:
        page.wait("() => document.documentElement.scrollHeight <= innerHeight")


# The widest figures that a long training shows.
WIDEST = """() => {
  const texts = { Epoch: "1000000000", loss: "12345.0", accuracy: "100.0 %" };
  for (const output of document.querySelectorAll(".figures output")) {
    const [, text] = Object.entries(texts).find(([name]) => output.ariaLabel.endsWith(name));
    output.textContent = text;
  }
}"""


def test_no_figure_of_a_long_training_is_cut_off(page: Instrument) -> None:
    page.slide("Test share", "0.2").press("Step").wait_for_epoch(1)
    expect(page.status("Test accuracy")).to_be_visible()
    for width, height in SIZES:
        page.page.set_viewport_size({"width": width, "height": height})
        page.page.evaluate(WIDEST)
        page.wait(NOTHING_IS_CUT_OFF)
        overlap = page.page.evaluate(OVERLAPS)
        assert overlap == [], (width, height)


# Figures that overlap the next one.
OVERLAPS = """() => [...document.querySelectorAll(".figure-box")].filter((box) => {
  const range = document.createRange();
  return [...box.children].some((text) => {
    range.selectNodeContents(text);
    return range.getBoundingClientRect().right > box.getBoundingClientRect().right + 0.5;
  });
}).map((box) => box.textContent)"""


@pytest.mark.parametrize("classes", [3, 4, 5, 10])
def test_the_legend_has_room_for_every_class(page: Instrument, classes: int) -> None:
    places = [(0.15 * label - 0.7, 0.0, label) for label in range(classes)]
    page.press("Clear data").draw(places).settled()
    for width, height in SIZES:
        page.page.set_viewport_size({"width": width, "height": height})
        page.wait(LEGEND_IS_WHOLE, classes)
        page.page.mouse.move(*page.position(0.99, 0.5))
        page.wait(LEGEND_IS_WHOLE, classes)


# Whether the scale's legend is one line, and nothing of it is cut.
SCALE_IS_WHOLE = """() => {
  const legend = document.querySelector(".legend");
  return legend.clientHeight < 36 && [legend, ...legend.querySelectorAll("span")]
    .every((part) => part.scrollWidth <= part.clientWidth + 1);
}"""


def test_the_legend_of_values_is_one_line(page: Instrument) -> None:
    page.choose("Task", "Regression").settled()
    for width, height in SIZES:
        page.page.set_viewport_size({"width": width, "height": height})
        page.page.mouse.move(0, 0)
        page.wait(SCALE_IS_WHOLE)
        page.page.mouse.move(*page.position(-0.99, -0.9))
        page.wait(SCALE_IS_WHOLE)


def test_the_speed_is_whole_on_the_smallest_phone(page: Instrument) -> None:
    page.page.set_viewport_size({"width": 320, "height": 568})
    speed = page.combobox("Speed")
    room = speed.evaluate(
        """(select) => {
          const style = getComputedStyle(select);
          const context = document.createElement("canvas").getContext("2d");
          context.font = `${style.fontSize} ${style.fontFamily}`;
          const paddings = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
          const longest = Math.max(...[...select.options]
            .map(({ label }) => context.measureText(label).width));
          return select.clientWidth - paddings - longest;
        }"""
    )
    assert room >= 0


@pytest.mark.parametrize("language", ["C", "c", ""])
def test_a_browser_without_a_language_has_a_chart(
    context: BrowserContext, open_at: Open, shared_server: ServerProcess, language: str
) -> None:
    context.add_init_script(
        f"Object.defineProperty(Navigator.prototype, 'language', {{ get: () => '{language}' }})"
    )
    page = open_at(shared_server.url)
    expect(page.page.locator(".chart canvas")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1100, 800)])
def test_a_wide_window_keeps_the_map_in_view(page: Instrument, width: int, height: int) -> None:
    page.page.set_viewport_size({"width": width, "height": height})
    page.page.mouse.move(width / 8, height / 2)
    page.page.mouse.wheel(0, 3000)
    expect(page.map).to_be_in_viewport(ratio=1)


def test_a_narrow_window_shows_the_map_first(page: Instrument) -> None:
    page.page.set_viewport_size({"width": 390, "height": 844})
    tops = [
        page.page.get_by_role("region", name=name, exact=True).evaluate(
            "area => area.getBoundingClientRect().top"
        )
        for name in ("Decision map", "Data", "Network", "Training")
    ]
    assert tops[0] == min(tops)


@pytest.mark.only_in("chromium", "webkit", why="Firefox 153 emulates no colour scheme")
def test_the_theme_follows_the_system_and_can_be_chosen(page: Instrument) -> None:
    wait_for_theme(page, "light")
    page.page.emulate_media(color_scheme="dark")
    wait_for_theme(page, "dark")
    page.page.emulate_media(color_scheme="light")
    wait_for_theme(page, "light")
    page.page.get_by_role("button", name="theme").click()
    wait_for_theme(page, "dark")
    wait_for_theme(page.reload(), "dark")


@pytest.mark.only_in("chromium", "firefox", why="WebKit does not tell the colours of scroll bars")
def test_scroll_bars_follow_the_theme(page: Instrument) -> None:
    colours = set()
    for name in ("Dark theme", "Light theme"):
        page.press(name)
        style = "getComputedStyle(document.querySelector('.column')).scrollbarColor"
        colours.add(page.page.evaluate(style))
    assert len(colours) == 2
    assert "auto" not in colours


def test_text_has_enough_contrast(page: Instrument) -> None:
    assert poor_contrasts(page) == []


@pytest.mark.only_in("chromium", "firefox", why="our WebKit browser has one pixel ratio")
def test_the_map_uses_the_full_pixel_density(
    browser: Browser, shared_server: ServerProcess
) -> None:
    context = browser.new_context(device_scale_factor=2, viewport={"width": 1100, "height": 800})
    page = Instrument(context.new_page(), shared_server.url).open()
    ratio = page.map.locator("canvas").last.evaluate("canvas => canvas.width / canvas.clientWidth")
    assert ratio == pytest.approx(2, abs=0.02)
    assert page.watch.verdict() == []
    context.close()
