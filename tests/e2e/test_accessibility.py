"""Without a mouse, without colours, with a screen reader."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.instrument import Instrument
from tests.support.server import ServerProcess

FOCUSED = "() => document.activeElement?.id || document.activeElement?.tagName"


def test_the_first_tab_stop_leads_to_the_map(page: Instrument) -> None:
    page.page.keyboard.press("Tab")
    skip = page.button("Go to the map")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    assert skip.evaluate("button => button.getBoundingClientRect().width") > 40
    page.page.keyboard.press("Enter")
    expect(page.map).to_be_focused()
    assert page.page.evaluate("location.hash") == ""


def test_the_crosshair_and_drawing_by_keyboard_are_announced(page: Instrument) -> None:
    said = page.status("Crosshair")
    expect(said).to_have_text("")
    page.map.focus()
    page.page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("x 0.05, y 0.00: class ")
    expect(said).to_contain_text(" %, 200 points")
    page.page.keyboard.press("Enter")
    expect(said).to_contain_text("201 points")
    page.choose("Task", "Regression").settled()
    page.map.focus()
    page.page.keyboard.press("ArrowUp")
    expect(said).to_contain_text("y 0.05: value ")


def test_scrolling_columns_are_no_tab_stops(page: Instrument) -> None:
    """In Firefox, and in newer Chromium without other stops in them, they would be."""
    page.page.set_viewport_size({"width": 1280, "height": 720})
    for _ in range(60):
        page.page.keyboard.press("Tab")
        assert page.page.evaluate("document.activeElement.matches('.column, .decision')") is False


def test_every_setting_has_its_help_for_screen_readers(page: Instrument) -> None:
    page.page.locator("details").filter(has_text="Advanced").locator("summary").click()
    controls = page.page.locator(
        ".field input, .field select, .slider input[type=range], .switch input"
    )
    for control in controls.all():
        if control.is_visible():
            assert control.get_attribute("aria-description"), control.get_attribute("aria-label")


# Controls under 24 px in a direction. A checkbox or slider inside a label has the label's size.
_SMALL_TARGETS = """() => [...document.querySelectorAll("button, select, summary, input")]
  .filter((element) => element.checkVisibility() && !element.closest(".unseen, .skip"))
  .map((element) => {
    const { width, height } = (element.closest("label") ?? element).getBoundingClientRect();
    return [element.getAttribute("aria-label") ?? element.textContent.trim(), width, height];
  })
  .filter(([name, width, height]) => name !== "Go to the map" && (width < 24 || height < 24))"""


OUTLINES = """(selector) => [...document.querySelectorAll(selector)].map((element) => {
  const style = getComputedStyle(element);
  return `${style.outlineStyle} ${style.outlineWidth}`;
})"""


@pytest.mark.only_in("chromium", why="Playwright emulates forced colours in Chromium only")
@pytest.mark.parametrize(
    "selector", [".swatch", ".tools label", ".chip", ".generator"], ids=lambda each: each[1:]
)
def test_what_is_chosen_can_be_seen_with_forced_colours(page: Instrument, selector: str) -> None:
    page.page.get_by_role("checkbox", name="x²", exact=True).click(force=True)
    page.page.emulate_media(forced_colors="active")
    outlines = page.page.evaluate(OUTLINES, selector)
    assert len(set(outlines)) == 2
    assert sum(outline.startswith("solid 3px") for outline in outlines) in {1, 3}


@pytest.mark.only_in("chromium", why="Playwright emulates touch screens in Chromium only")
def test_a_touch_screen_does_not_zoom_in_on_fields(
    browser: Browser, shared_server: ServerProcess
) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = Instrument(context.new_page(), shared_server.url).open()
    small = page.page.evaluate(_SMALL_TARGETS)
    assert small == []
    for name in ("Train", "Step", "Reset model", "Clear data"):
        box = page.button(name).bounding_box()
        assert box is not None
        assert box["height"] >= 44
    for selector in ("label.swatch", ".tools label", ".generator"):
        box = page.page.locator(selector).first.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    page.page.locator("details").filter(has_text="Advanced").locator("summary").click()
    sizes = page.page.evaluate(
        "() => [...document.querySelectorAll('input:not([type=range], [type=radio],"
        " [type=checkbox]), select')].map((field) => parseFloat(getComputedStyle(field).fontSize))"
    )
    assert len(sizes) > 10
    assert min(sizes) >= 16
    context.close()


def test_one_key_shortcuts_can_be_switched_off_for_the_browser(page: Instrument) -> None:
    page.page.keyboard.press("?")
    page.page.get_by_role("checkbox", name="One-key shortcuts").click()
    page.press("Close")
    page.page.keyboard.press("e")
    page.page.keyboard.press("5")
    page.page.keyboard.press("?")
    page.page.keyboard.press("s")
    expect(page.radio("Draw")).to_be_checked()
    expect(page.radio("Class 1")).to_be_checked()
    expect(page.page.get_by_role("dialog")).to_be_hidden()
    page.page.keyboard.press("Space")
    expect(page.button("Pause")).to_be_visible()
    page.pause()
    page.page.locator("details.menu summary").click()
    with page.page.expect_navigation():
        page.press("New experiment")
    page.ready()
    page.page.keyboard.press("e")
    expect(page.radio("Draw")).to_be_checked()
    page.press("Help").page.get_by_role("checkbox", name="One-key shortcuts").click()
    page.press("Close")
    page.page.keyboard.press("e")
    expect(page.radio("Erase")).to_be_checked()


def test_theme_and_first_steps_are_kept_for_all_experiments(page: Instrument) -> None:
    page.press("Dark theme", "Got it")
    page.page.locator("details.menu summary").click()
    with page.page.expect_navigation():
        page.press("New experiment")
    page.ready()
    assert page.page.evaluate("document.documentElement.dataset.theme") == "dark"
    expect(page.button("Got it")).to_have_count(0)
