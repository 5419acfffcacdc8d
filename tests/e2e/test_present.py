"""Present: map and diagram over the whole window."""

import pytest
from playwright.sync_api import FloatRect, expect

from tests.e2e.instrument import Instrument

SIZES = """() => Object.fromEntries(Object.entries({
  figure: "output[aria-label=Epoch]", axes: ".axes span"
}).map(([name, where]) => [name, getComputedStyle(document.querySelector(where)).fontSize]))"""


def boxes(page: Instrument) -> tuple[FloatRect, FloatRect]:
    """Return the boxes of the diagram and the map."""
    diagram = page.page.get_by_role("group", name="Network diagram").bounding_box()
    plane = page.map.bounding_box()
    assert diagram is not None
    assert plane is not None
    return diagram, plane


@pytest.mark.parametrize("width", [1280, 2560])
def test_the_key_f_presents_and_escape_leaves(page: Instrument, width: int) -> None:
    page.page.set_viewport_size({"width": width, "height": width * 9 // 16})
    page.page.keyboard.press("f")
    expect(page.page.get_by_role("region", name="Data", exact=True)).not_to_be_visible()
    diagram, plane = boxes(page)
    assert diagram["x"] + diagram["width"] < plane["x"]
    assert plane["width"] > 0.34 * width
    assert diagram["height"] > 0.6 * width * 9 / 16
    assert page.page.evaluate(SIZES) == {"figure": "32px", "axes": "16px"}
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width
    # It can be drawn and trained on.
    page.click(0.9, 0.9).train().wait_for_epoch(5)
    page.page.keyboard.press("Escape")
    expect(page.page.get_by_role("region", name="Data", exact=True)).to_be_visible()
    page.pause()


def test_the_controls_open_beside_them(page: Instrument) -> None:
    page.press("Present", "Controls")
    expect(page.button("Circles")).to_be_visible()
    expect(page.field("Learning rate")).to_be_visible()
    page.press("Controls")
    expect(page.button("Circles")).not_to_be_visible()
    page.press("Leave (Esc)")
    expect(page.button("Present")).to_be_visible()


def test_a_link_presents(page: Instrument) -> None:
    page.page.goto(page.page.url.split("?")[0] + "?present")
    expect(page.button("Leave (Esc)")).to_be_visible()
    expect(page.page.get_by_role("region", name="Training", exact=True)).not_to_be_visible()


def test_help_opens_over_it_and_closes_first(page: Instrument) -> None:
    page.press("Present")
    page.page.keyboard.press("?")
    dialog = page.page.get_by_role("dialog", name="Help")
    expect(dialog).to_be_visible()
    page.page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    expect(page.button("Leave (Esc)")).to_be_visible()
    page.train().wait_for_epoch(5).pause()
