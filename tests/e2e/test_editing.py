"""Weights and biases are edited by pointer and by keyboard, and training goes on from them."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e import offline
from tests.e2e.instrument import Instrument

_FIELD = "Value"


def parameters(page: Instrument) -> str:
    """Return the newest weights as they are saved."""
    return str(page.experiment()["weights"]["parameters"])


def card(page: Instrument, title: str) -> Locator:
    """Find an open card."""
    return page.page.get_by_role("dialog", name=title, exact=True)


def walk(page: Instrument, *keys: str) -> Instrument:
    """Focus the diagram, and press keys there."""
    page.page.get_by_role("group", name="Network diagram").focus()
    for key in ("ArrowDown", *keys):
        page.page.keyboard.press(key)
    return page


def edit(page: Instrument, title: str, value: str) -> None:
    """Type a value into the open card."""
    field = card(page, title).get_by_role("spinbutton", name=_FIELD)
    field.fill(value)
    field.press("Enter")


# The first weight is the first input's to the first unit of the first hidden layer.
_FIRST = "value => decode(window.nnvisu.experiment().weights.parameters)[0] === value"
_FIRST_NUMBER = "() => decode(window.nnvisu.experiment().weights.parameters)[0]"
_DECODE = """() => { window.decode = (text) => new Float32Array(
  Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer); }"""


@pytest.fixture
def editable(page: Instrument) -> Instrument:
    """A page that can decode its weights."""
    page.page.evaluate(_DECODE)
    return page


def test_a_weight_is_edited_by_keyboard_and_undone_bit_for_bit(editable: Instrument) -> None:
    page = editable
    page.train().wait_for_epoch(20).pause()
    before = page.experiment()
    walk(page, "ArrowRight", "Enter")
    expect(card(page, "Weight")).to_contain_text("Weight input x → hidden 1 · 1")
    edit(page, "Weight", "1.0")
    page.wait(_FIRST, 1)
    assert page.epoch == before["epoch"]
    assert page.experiment()["optimiser"] == before["optimiser"]
    page.page.keyboard.press("Escape")
    expect(card(page, "Weight")).to_have_count(0)
    edited = page.text()
    page.page.keyboard.press("Control+z")
    assert page.experiment() == before
    page.press("Redo")
    assert page.text() == edited
    assert page.reload().text() == edited


def test_a_weight_is_edited_by_pointer(editable: Instrument) -> None:
    page = editable
    where: dict[str, Any] = page.page.evaluate(
        """() => {
          const box = document.querySelector(".diagram").getBoundingClientRect();
          return { x: box.x, y: box.y, width: box.width, height: box.height };
        }"""
    )
    # The input's tile is found by its caption, and a little to the right of it lie its weights.
    caption = page.page.get_by_role("status", name="Part of the network")
    y = where["y"] + where["height"] / 2
    for step in range(200):
        x = where["x"] + where["width"] * (0.15 + 0.002 * step)
        page.page.mouse.move(x, y - 30)
        page.page.evaluate("() => new Promise(requestAnimationFrame)")
        if caption.inner_text().startswith("weight"):
            break
    name = caption.inner_text().partition(":")[0].removeprefix("weight ")
    page.page.mouse.click(x, y - 30)
    expect(card(page, "Weight")).to_contain_text(name)
    before = parameters(page)
    edit(page, "Weight", "-1,5")
    page.wait("before => window.nnvisu.experiment().weights.parameters !== before", before)
    expect(card(page, "Weight").get_by_role("spinbutton", name=_FIELD)).to_have_value("-1.5000")
    page.page.mouse.click(5, 5)


def test_training_goes_on_from_an_edited_weight(editable: Instrument) -> None:
    page = editable
    page.train().wait_for_epoch(10).pause()
    walk(page, "ArrowRight", "Enter")
    edit(page, "Weight", "1.0")
    page.wait(_FIRST, 1)
    start = page.experiment()
    page.page.keyboard.press("Escape")
    page.train().wait_for_epoch(start["epoch"] + 20).pause()
    found = page.experiment()
    offline.assert_equal(found, offline.trained(start, found["epoch"]))


def test_while_training_at_full_speed_the_edit_is_not_lost(editable: Instrument) -> None:
    page = editable
    # So slow that the weights stay where they are put.
    page.type("Learning rate", "1e-9").at_full_speed().train().wait_for_epoch(50)
    walk(page, "ArrowRight", "Enter")
    edit(page, "Weight", "3.0")
    field = card(page, "Weight").get_by_role("spinbutton", name=_FIELD)
    expect(field).to_have_value(re.compile(r"^(3\.00|2\.99)"))
    expect(page.button("Pause")).to_be_visible()
    page.wait_for_epoch(page.epoch + 50).pause()
    expect(field).to_have_value(re.compile(r"^(3\.00|2\.99)"))


def test_a_unit_tells_its_formula_and_leads_to_its_bias(editable: Instrument) -> None:
    page = editable
    walk(page, "ArrowRight", "ArrowRight", "Enter")
    expect(card(page, "Unit")).to_contain_text("Tanh(weighted sum + bias)")
    expect(card(page, "Unit")).to_contain_text("from −1 to 1")
    card(page, "Unit").get_by_role("button", name="Bias").click()
    before = parameters(page)
    edit(page, "Bias", "0.75")
    page.wait("before => window.nnvisu.experiment().weights.parameters !== before", before)
    page.page.keyboard.press("Escape")
    expect(page.page.get_by_role("group", name="Network diagram")).to_be_focused()


def test_a_bad_value_is_refused_where_one_looks(editable: Instrument) -> None:
    page = editable
    before = parameters(page)
    walk(page, "ArrowRight", "Enter")
    for text in ("abc", "1e9", ""):
        edit(page, "Weight", text)
        expect(card(page, "Weight").get_by_role("alert")).to_contain_text("Value must be a number")
    assert parameters(page) == before


def test_the_value_is_live_while_training(editable: Instrument) -> None:
    page = editable
    walk(page, "ArrowRight", "Enter")
    field = card(page, "Weight").get_by_role("spinbutton", name=_FIELD)
    shown = field.input_value()
    page.at_full_speed().train().wait_for_epoch(200)
    expect(field).not_to_have_value(shown)
    page.pause()


def test_two_classes_are_separated_by_hand(editable: Instrument) -> None:
    page = editable
    page.press("Clear data").type("Hidden layers", "")
    page.draw([(-0.6, 0.2, 0), (-0.4, -0.5, 0), (0.5, 0.4, 1), (0.6, -0.3, 1)]).settled()
    for keys, value in ((("ArrowRight",), "-5"), (("ArrowRight", "ArrowDown"), "5")):
        walk(page, "ArrowUp", *keys, "Enter")
        edit(page, "Weight", value)
        page.page.keyboard.press("Escape")
    for target in (0, 1):
        walk(
            page, "ArrowUp", "ArrowDown", "ArrowRight", *["ArrowUp", "ArrowUp"][: 2 * (1 - target)]
        )
        if target:
            page.page.keyboard.press("ArrowDown")
        page.page.keyboard.press("Enter")
        edit(page, "Weight", "0")
        page.page.keyboard.press("Escape")
    page.wait_for_accuracy(1)


def test_typing_replaces_the_live_value(editable: Instrument) -> None:
    """The value changes with every frame; what is typed is not appended to it."""
    page = editable
    page.train().wait_for_epoch(10)
    walk(page, "ArrowRight", "Enter")
    field = card(page, "Weight").get_by_role("spinbutton", name=_FIELD)
    before = field.input_value()
    page.wait_for_epoch(page.epoch + 60)
    assert field.input_value() != before
    page.page.keyboard.type("25")
    page.page.keyboard.press("Enter")
    page.wait(f"() => ({_FIRST_NUMBER})() > 20").pause()


def test_a_typed_value_takes_effect_when_the_diagram_is_clicked(editable: Instrument) -> None:
    page = editable
    walk(page, "ArrowRight", "Enter")
    card(page, "Weight").get_by_role("spinbutton", name=_FIELD).fill("3.5")
    box = page.page.get_by_role("group", name="Network diagram").bounding_box()
    assert box is not None
    page.page.mouse.click(box["x"] + 3, box["y"] + box["height"] - 40)
    page.wait(_FIRST, 3.5)
