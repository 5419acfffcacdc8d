"""Everything that a pointer can do, by keyboard alone, and what a screen reader says of it."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e import offline
from tests.e2e.instrument import Instrument


def keys(page: Instrument, *names: str) -> Instrument:
    """Press keys, one after the other."""
    for name in names:
        page.page.keyboard.press(name)
    return page


def reach(page: Instrument, control: Locator) -> Instrument:
    """Press Tab until a control has the focus."""
    page.page.evaluate("() => document.activeElement?.blur?.()")
    for _ in range(90):
        keys(page, "Tab")
        if control.evaluate("element => element === document.activeElement"):
            return page
    raise AssertionError(f"Tab does not reach {control}")


def said_of(control: Locator, snapshot: str) -> None:
    """Compare a part of the accessibility tree."""
    expect(control).to_match_aria_snapshot(snapshot)


def test_class_tool_and_generator(page: Instrument) -> None:
    reach(page, page.radio("Class 1"))
    keys(page, "ArrowRight", "ArrowRight")
    expect(page.radio("Class 3")).to_be_checked()
    expect(page.radio("Class 3")).to_have_accessible_description("red triangle, 0 points")
    reach(page, page.radio("Draw"))
    keys(page, "ArrowRight")
    expect(page.radio("Erase")).to_be_checked()
    reach(page, page.button("Circles"))
    page.regenerated(lambda: keys(page, "Enter"))
    assert page.experiment()["data"]["origin"]["distribution"] == "circles"


def test_points_are_drawn_selected_and_deleted(page: Instrument) -> None:
    page.press("Clear data").slide("Test share", "0")
    page.map.focus()
    keys(page, "ArrowRight", "Enter", "ArrowUp", "Enter", "m", "Enter", "Enter", "Delete")
    assert len(offline.points(page.experiment())) == 1
    expect(page.status("Crosshair")).to_contain_text("x 0.05, y 0.05: class")
    expect(page.status("Crosshair")).to_contain_text(", 1 point")


def test_layers_and_neurons(page: Instrument) -> None:
    for name in ("Add layer", "Add neuron to layer 1", "Remove neuron from layer 2"):
        reach(page, page.button(name))
        keys(page, "Enter")
    assert page.settled().experiment()["config"]["hidden_layers"] == [11, 4, 5]


def test_a_unit_a_bias_and_a_weight(page: Instrument) -> None:
    diagram = page.page.get_by_role("group", name="Network diagram")
    reach(page, diagram)
    part = page.status("Part of the network")
    keys(page, "ArrowDown")
    expect(part).to_have_text("input x")
    keys(page, "ArrowRight")
    expect(part).to_have_text(re.compile(r"^weight input x → hidden 1 · 1: −?-?\d"))
    keys(page, "ArrowRight", "Enter")
    card = page.page.get_by_role("dialog", name="Unit")
    said_of(
        card,
        """
        - dialog "Unit":
          - paragraph: Unit hidden 1 · 1
          - paragraph: Tanh(weighted sum + bias)
          - paragraph: shown from −1 to 1
          - button /Bias .*/
          - button "Close"
        """,
    )
    keys(page, "Enter")
    said_of(
        page.page.get_by_role("dialog", name="Bias"),
        """
        - dialog "Bias":
          - paragraph: Bias hidden 1 · 1
          - text: Value
          - spinbutton "Value": "0.0000"
          - button "Close"
        """,
    )
    keys(page, "ArrowUp", "Escape")
    expect(diagram).to_be_focused()
    page.wait("() => window.nnvisu.experiment().weights.parameters !== ''")
    assert offline.checkpoint(page.experiment()).parameters[20] == pytest.approx(0.1)


def test_training_history_and_figures(page: Instrument) -> None:
    reach(page, page.button("Train"))
    keys(page, "Enter")
    page.wait_for_epoch(10)
    keys(page, "Enter")
    expect(page.button("Train")).to_be_visible()
    reach(page, page.history)
    keys(page, "Home")
    expect(page.history).to_have_attribute("aria-valuetext", "epoch 0")
    said_of(
        page.page.get_by_role("region", name="Decision map"),
        """
        - region "Decision map":
          - application "Decision map"
          - radiogroup "Map colours":
            - radio "Confidence" [checked]
            - radio "Mix"
            - radio "Discrete"
          - checkbox "Boundary" [checked]
          - checkbox "Show test points" [checked]
          - checkbox "Mark errors"
          - button "Train"
          - button "Step"
          - button "Reset model"
          - combobox "Speed"
          - status "Epoch": "0"
          - status "Training loss"
          - status "Test loss"
          - status "Training accuracy"
          - status "Test accuracy"
          - slider "History": "0"
        """,
    )


def test_what_the_map_and_the_chart_show(page: Instrument) -> None:
    reach(page, page.radio("Confidence"))
    keys(page, "ArrowRight")
    expect(page.radio("Mix")).to_be_checked()
    for name in ("Boundary", "Mark errors", "Log scale"):
        control = page.page.get_by_role("checkbox", name=name, exact=True)
        before = control.is_checked()
        reach(page, control)
        keys(page, "Space")
        expect(control).to_be_checked(checked=not before)
    reach(page, page.page.get_by_role("slider", name="Chart cursor"))


def test_inside_and_present(page: Instrument) -> None:
    reach(page, page.page.get_by_role("region", name="Inside").locator("summary"))
    keys(page, "Enter")
    cell = page.page.get_by_role("spinbutton", name="weight input x → hidden 1 · 1", exact=True)
    expect(cell).to_be_visible()
    reach(page, cell)
    cell.press("Control+a")
    page.page.keyboard.type("1.0")
    keys(page, "Enter")
    page.wait("() => window.nnvisu.experiment().epoch === 0")
    expect(cell).to_have_value("1.000")
    reach(page, page.button("Present"))
    keys(page, "Enter")
    expect(page.button("Leave (Esc)")).to_be_visible()
    keys(page, "Escape")
    expect(page.button("Present")).to_be_visible()
