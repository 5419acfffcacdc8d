"""The decision map: its size, its axes, its colourings, and which points it shows."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.e2e.instrument import Instrument

# The least side of the map at window sizes, with the first steps dismissed (INTERFACE.md).
SIDES = {(1280, 720): 420, (1440, 900): 560, (1920, 1080): 760, (2560, 1440): 1040}
ZOOMS = [1, 1.1, 1.25, 1.5, 1.75, 2]
_SIDE = "() => document.querySelector('.map').getBoundingClientRect().width"
_WHOLE = """() => [".transport .primary", ".figures", ".history input"].every((selector) => {
  const { top, bottom } = document.querySelector(selector).getBoundingClientRect();
  return top > 0 && bottom <= innerHeight;
})"""
_SLOW_READS = "willReadFrequently"
# The colours of the field, which lies below points and axes.
_COLOURS = """() => {
  const canvas = document.querySelector(".map canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
}"""
# The pixels of the points' canvas that are drawn.
_DRAWN = """() => {
  const canvas = document.querySelectorAll(".map canvas")[1];
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((value, k) => k % 4 === 3 && value > 0).length;
}"""


def side(page: Instrument, width: int, height: int) -> float:
    """Return the map's side in a window of this size."""
    page.page.set_viewport_size({"width": width, "height": height})
    page.wait("() => new Promise((done) => requestAnimationFrame(() => done(true)))")
    found = page.page.evaluate(_SIDE)
    assert isinstance(found, float | int)
    return found


@pytest.mark.parametrize(("width", "height"), SIDES)
def test_the_map_takes_the_height_that_is_left(page: Instrument, width: int, height: int) -> None:
    page.press("Got it").slide("Test share", "0.2").settled()
    assert side(page, width, height) >= SIDES[width, height]
    assert page.page.evaluate(_WHOLE)


def test_zooming_in_never_makes_the_map_smaller(page: Instrument) -> None:
    page.press("Got it")
    sides = [zoom * side(page, round(1920 / zoom), round(1080 / zoom)) for zoom in ZOOMS]
    # A window has whole pixels.
    assert min(sides) >= sides[0] - 2, sides


def test_the_colouring_is_chosen_and_kept(page: Instrument) -> None:
    page.watch.expect(_SLOW_READS)
    colours = page.page.get_by_role("radiogroup", name="Map colours")
    expect(colours.get_by_role("radio", name="Confidence")).to_be_checked()
    page.page.get_by_role("checkbox", name="Boundary").uncheck(force=True)
    page.pick("Discrete").wait(f"() => ({_COLOURS})() === 2")
    page.pick("Mix").wait(f"() => ({_COLOURS})() > 2")
    page.pick("Discrete").reload()
    expect(page.radio("Discrete")).to_be_checked()
    expect(page.page.get_by_role("checkbox", name="Boundary")).not_to_be_checked()
    page.wait(f"() => ({_COLOURS})() === 2")


def test_doubt_looks_pale_and_the_boundary_is_a_line(page: Instrument) -> None:
    page.press("Clear data").draw([(-0.5, 0.0, 0), (0.5, 0.0, 1)]).settled()
    page.press("Clear data").at_full_speed()
    page.draw([(-0.5, 0.5, 0), (-0.5, -0.5, 0), (0.5, 0.5, 1), (0.5, -0.5, 1)]).settled()
    page.train().wait_for_accuracy(1).wait_for_epoch(300).pause()

    def saturation(x: float) -> int:
        red, green, blue = page.pixels().at(x, 0.8).astype(int)[:3]
        return int(max(red, green, blue) - min(red, green, blue))

    assert min(saturation(-0.9), saturation(0.9)) > 40
    row = page.pixels().picture[40].astype(int)
    dark = np.flatnonzero(row[:, :3].sum(axis=1) < 300)
    assert 1 <= len(dark) <= 6, "one line"


def test_test_points_are_shown_or_hidden(page: Instrument) -> None:
    page.watch.expect(_SLOW_READS)
    page.slide("Test share", "0.5").settled()
    page.page.mouse.move(0, 0)
    page.wait(f"() => ({_DRAWN})() > 0")
    both = page.page.evaluate(_DRAWN)
    page.page.get_by_role("checkbox", name="Show test points").uncheck(force=True)
    page.wait(f"both => ({_DRAWN})() < 0.7 * both", both)


def test_errors_are_marked(page: Instrument) -> None:
    page.watch.expect(_SLOW_READS)
    page.press("Clear data").draw([(-0.5, 0.0, 0), (-0.5, 0.02, 1), (0.5, 0.0, 1)]).settled()
    page.page.mouse.move(0, 0)
    before = page.page.evaluate(_DRAWN)
    page.page.get_by_role("checkbox", name="Mark errors").check(force=True)
    page.wait(f"before => ({_DRAWN})() > before + 20", before)


def test_the_axes_tell_where_the_pointer_is(page: Instrument) -> None:
    page.page.mouse.move(*page.position(0.3, -0.2))
    expect(page.page.locator(".axes b.x")).to_have_text("0.30")
    expect(page.page.locator(".axes b.y")).to_have_text("−0.20")
    page.page.mouse.move(0, 0)
    expect(page.page.locator(".axes b")).to_have_count(0)
