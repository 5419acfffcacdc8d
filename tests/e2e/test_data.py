"""The region Data: counts, brush, selection, Regenerate, ten classes."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e import offline
from tests.e2e.instrument import Instrument


def count(page: Instrument, label: int) -> int:
    """Return the count beside a class in the palette, 0 without one."""
    swatch = page.page.locator("label.swatch").nth(label)
    return int(swatch.inner_text().strip() or 0)


def places(page: Instrument) -> list[tuple[float, float]]:
    """Return all points, training and test part together."""
    parts = [offline.points(page.experiment(), test) for test in (0, 1)]
    return [(float(x), float(y)) for part in parts for x, y in zip(part.x, part.y, strict=True)]


def test_the_palette_counts_the_points_of_each_class(page: Instrument) -> None:
    assert [count(page, label) for label in (0, 1, 2)] == [100, 100, 0]
    page.draw([(0.9, 0.9, 2), (0.9, 0.7, 2)])
    assert count(page, 2) == 2
    expect(page.radio("Class 3")).to_have_accessible_description(re.compile("red.*, 2 points"))


def test_a_stroke_sprays_within_the_brush_and_as_densely_as_chosen(page: Instrument) -> None:
    page.press("Clear data").slide("Brush size", "0.3").slide("Density", "40")
    page.drag((-0.5, 0), (0.5, 0), moves=20)
    found = places(page)
    assert len(found) in (40, 41)
    spread = [abs(y) for _, y in found]
    assert max(spread) <= 0.31
    assert max(spread) > 0.1
    page.slide("Brush size", "0").press("Clear data").drag((-0.5, 0), (0.5, 0), moves=20)
    assert max(abs(y) for _, y in places(page)) < 0.01


def test_points_are_selected_moved_and_deleted_together(page: Instrument) -> None:
    page.press("Clear data").slide("Test share", "0")
    page.draw([(-0.5, 0.5, 0), (-0.4, 0.4, 1), (0.5, 0.5, 0), (0.5, -0.5, 1)])
    page.pick("Move").drag((-0.8, 0.8), (-0.2, 0.2))
    expect(page.button("Delete 2 selected")).to_be_visible()
    page.drag((-0.5, 0.5), (-0.5, 0))
    moved = places(page)
    assert sorted(round(y, 1) for x, y in moved if x < 0) == [-0.1, 0.0]
    page.map.focus()
    page.page.keyboard.press("Delete")
    assert len(places(page)) == 2
    expect(page.button("Delete 2 selected")).to_have_count(0)
    page.press("Undo", "Undo")
    assert sorted(round(y, 1) for x, y in places(page) if x < 0) == [0.4, 0.5]


def test_the_selected_points_are_deleted_by_the_button_and_by_keyboard_alone(
    page: Instrument,
) -> None:
    page.press("Clear data").draw([(0, 0, 0), (0.5, 0.5, 1), (-0.5, 0.5, 1)])
    page.pick("Move").click(0.5, 0.5)
    page.press("Delete 1 selected")
    assert len(places(page)) == 2
    # The crosshair begins in the middle; Enter takes the point there and puts it down.
    page.map.focus()
    for key in ("Enter", "ArrowRight", "Enter", "Delete"):
        page.page.keyboard.press(key)
    assert places(page) == [pytest.approx((-0.5, 0.5), abs=0.01)]


def test_regenerate_makes_the_same_shape_anew(page: Instrument) -> None:
    before = places(page)
    page.regenerated(lambda: page.press("Regenerate"))
    assert page.experiment()["data"]["origin"]["distribution"] == "moons"
    assert places(page) != before
    page.click(0.9, 0.9)
    expect(page.button("Regenerate")).to_be_disabled()


def test_ten_classes_are_generated_and_nine_tenths_are_kept_for_the_test(page: Instrument) -> None:
    page.regenerated(lambda: page.type("Classes", "10"))
    assert [count(page, label) for label in range(10)] == [20] * 10
    page.slide("Test share", "0.9").settled()
    assert len(offline.points(page.experiment(), 1)) == 180
    expect(page.page.get_by_text("20 to train, 180 to test")).to_be_visible()
    page.train().wait_for_epoch(5).pause()
