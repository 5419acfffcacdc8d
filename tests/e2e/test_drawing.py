"""Drawing on the map: draw, spray, erase, move, undo, clear; by mouse, touch and keyboard."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e import offline
from tests.e2e.instrument import Instrument
from tests.support.server import ServerProcess


@pytest.fixture
def blank(page: Instrument) -> Instrument:
    """A page without any points."""
    return page.press("Clear data")


def labels(page: Instrument) -> list[int]:
    return [int(label) for label in offline.points(page.experiment()).label]


def test_a_click_adds_exactly_one_point_at_its_position(blank: Instrument) -> None:
    blank.draw([(0.3, -0.6, 1)])
    points = offline.points(blank.experiment())
    assert points.label.tolist() == [1]
    assert (points.x[0], points.y[0]) == pytest.approx((0.3, -0.6), abs=0.006)


def test_every_class_can_be_drawn(blank: Instrument) -> None:
    blank.draw([(-0.9 + 0.2 * label, 0.0, label) for label in range(10)])
    assert labels(blank) == list(range(10))


def test_a_class_is_described_by_colour_and_marker(page: Instrument) -> None:
    descriptions = [
        page.radio(f"Class {number}").evaluate(
            """radio => {
              const ids = radio.getAttribute("aria-describedby");
              return radio.getAttribute("aria-description")
                ?? (ids ? document.getElementById(ids)?.textContent : radio.title) ?? "";
            }"""
        )
        for number in range(1, 11)
    ]
    assert len(set(descriptions)) == 10
    assert "blue" in descriptions[0]
    assert "circle" in descriptions[0]


def test_a_drag_sprays_at_equal_spacing(blank: Instrument) -> None:
    blank.pick("Draw").pick("Class 2").drag((-0.8, 0.0), (0.8, 0.0))
    points = offline.points(blank.experiment())
    assert len(points) > 5
    assert set(points.label.tolist()) == {1}
    assert points.x.min() < -0.7
    assert points.x.max() > 0.6
    assert abs(points.y).max() < 0.2


def test_a_slower_drag_does_not_spray_more(blank: Instrument) -> None:
    blank.pick("Draw").pick("Class 1").drag((-0.8, 0.3), (0.8, 0.3))
    quick = len(labels(blank))
    blank.press("Clear data").drag(*[(-0.8 + 0.04 * step, 0.3) for step in range(41)], moves=1)
    assert len(labels(blank)) == pytest.approx(quick, abs=1)


def test_the_eraser_removes_the_points_in_its_circle(blank: Instrument) -> None:
    blank.draw([(-0.5, 0.0, 0), (0.0, 0.0, 1), (0.5, 0.0, 2)])
    blank.pick("Erase").click(0.0, 0.0)
    assert labels(blank) == [0, 2]
    blank.drag((-0.7, 0.0), (0.7, 0.0))
    assert labels(blank) == []


def test_a_point_can_be_moved(blank: Instrument) -> None:
    blank.draw([(-0.5, 0.0, 0), (0.5, 0.0, 1)])
    blank.pick("Move").drag((-0.5, 0.0), (-0.2, 0.6))
    points = offline.points(blank.experiment())
    assert points.label.tolist() == [0, 1]
    assert (points.x[0], points.y[0]) == pytest.approx((-0.2, 0.6), abs=0.02)


def test_undo_and_redo(blank: Instrument) -> None:
    blank.draw([(-0.5, 0.0, 0), (0.0, 0.0, 1), (0.5, 0.0, 2)])
    blank.pick("Erase").click(0.0, 0.0)
    for wanted in ([0, 1, 2], [0, 1], [0], []):
        blank.press("Undo")
        assert labels(blank) == wanted
    for wanted in ([0], [0, 1], [0, 1, 2], [0, 2]):
        blank.press("Redo")
        assert labels(blank) == wanted


def test_a_spray_is_one_undo_step(blank: Instrument) -> None:
    blank.pick("Draw").pick("Class 2").drag((-0.8, 0.0), (0.8, 0.0))
    blank.press("Undo")
    assert labels(blank) == []


def test_clear_and_generators_can_be_undone(page: Instrument) -> None:
    example = page.experiment()["data"]
    page.press("Clear data")
    assert labels(page) == []
    page.press("Undo")
    assert page.experiment()["data"] == example
    page.generate("Circles").press("Undo")
    assert page.experiment()["data"] == example


def test_undo_has_keyboard_shortcuts(blank: Instrument) -> None:
    blank.draw([(0.0, 0.0, 0)])
    blank.page.keyboard.press("Control+z")
    assert labels(blank) == []
    blank.page.keyboard.press("Control+Shift+z")
    assert labels(blank) == [0]


def test_the_map_can_be_drawn_on_by_keyboard(blank: Instrument) -> None:
    blank.pick("Draw").pick("Class 4")
    blank.map.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "Enter"):
        blank.page.keyboard.press(key)
    points = offline.points(blank.experiment())
    assert points.label.tolist() == [3]
    assert points.x[0] > 0
    assert points.y[0] > 0


@pytest.mark.only_in("chromium", why="Playwright sends touches to Chromium only")
def test_touch_draws(browser: Browser, shared_server: ServerProcess) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = Instrument(context.new_page(), shared_server.url).open().press("Clear data")
    page.pick("Class 3")
    page.page.touchscreen.tap(*page.position(0.4, 0.4))
    expect(page.button("Undo")).to_be_enabled()
    assert labels(page) == [2]
    assert page.watch.verdict() == []
    context.close()


def test_the_classes_in_use_determine_the_outputs(blank: Instrument) -> None:
    blank.draw([(-0.5, 0.0, 1), (0.5, 0.0, 4)])
    blank.wait(
        "() => JSON.stringify(window.nnvisu.experiment().weights.network.classes) === '[1,4]'"
    )
    blank.draw([(0.0, 0.8, 7)])
    blank.wait(
        "() => JSON.stringify(window.nnvisu.experiment().weights.network.classes) === '[1,4,7]'"
    )


def test_the_mouse_does_not_move_a_point_that_the_keyboard_holds(page: Instrument) -> None:
    page.press("Clear data").click(0.0, 0.0)
    page.page.keyboard.press("m")
    page.map.focus()
    for key in ("ArrowRight", "ArrowLeft", "Enter"):
        page.page.keyboard.press(key)
    page.page.mouse.move(*page.position(0.5, 0.5))
    page.map.focus()
    page.page.keyboard.press("ArrowRight")
    page.page.keyboard.press("Enter")
    assert offline.points(page.experiment()).x.tolist() == pytest.approx([0.05], abs=0.02)
