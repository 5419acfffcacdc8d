"""The keyboard shortcuts, which are inactive while typing."""

import pytest
from playwright.sync_api import expect

from tests.e2e.instrument import Instrument


def test_space_trains_and_pauses(page: Instrument) -> None:
    page.page.keyboard.press("Space")
    expect(page.button("Pause")).to_be_visible()
    page.page.keyboard.press("Space")
    expect(page.button("Train")).to_be_visible()


def test_s_trains_one_epoch_and_r_resets(page: Instrument) -> None:
    page.page.get_by_role("checkbox", name="Keep seed").check()
    fresh = page.text()
    page.page.keyboard.press("s")
    expect(page.status("Epoch")).to_have_text("1")
    page.page.keyboard.press("r")
    expect(page.status("Epoch")).to_have_text("0")
    page.settled()
    assert page.text() == fresh


@pytest.mark.parametrize(("key", "name"), [("1", "Class 1"), ("9", "Class 9"), ("0", "Class 10")])
def test_digits_choose_the_class(page: Instrument, key: str, name: str) -> None:
    page.pick("Class 5").page.keyboard.press(key)
    expect(page.radio(name)).to_be_checked()


def test_e_and_d_choose_the_tool(page: Instrument) -> None:
    page.page.keyboard.press("e")
    expect(page.radio("Erase")).to_be_checked()
    page.page.keyboard.press("d")
    expect(page.radio("Draw")).to_be_checked()


def test_arrows_step_through_history(page: Instrument) -> None:
    page.press("Step").wait_for_epoch(1)
    page.press("Step").wait_for_epoch(2)
    page.page.keyboard.press("ArrowLeft")
    expect(page.status("Epoch")).to_have_text("1")
    page.page.keyboard.press("ArrowRight")
    expect(page.status("Epoch")).to_have_text("2")


def test_a_question_mark_lists_the_keys(page: Instrument) -> None:
    page.page.keyboard.press("?")
    expect(page.page.get_by_role("dialog")).to_contain_text("Space")
    page.page.keyboard.press("Escape")
    expect(page.page.get_by_role("dialog")).to_be_hidden()


def test_keys_do_nothing_while_typing(page: Instrument) -> None:
    before = page.text()
    page.field("Hidden layers").click()
    page.page.keyboard.type("s r e")
    expect(page.button("Train")).to_be_visible()
    expect(page.radio("Draw")).to_be_checked()
    assert page.text() == before


@pytest.mark.parametrize("press", ["generator", "feature", "summary"])
def test_space_after_a_click_trains(page: Instrument, press: str) -> None:
    if press == "generator":
        page.generate("Circles").settled()
    elif press == "feature":
        page.page.get_by_role("checkbox", name="x²", exact=True).click(force=True)
        page.settled()
    else:
        page.page.locator("details").filter(has_text="Advanced").locator("summary").click()
    before = page.experiment()
    page.page.keyboard.press("Space")
    expect(page.button("Pause")).to_be_visible()
    page.pause()
    after = page.experiment()
    assert (after["data"], after["config"]) == (before["data"], before["config"])


def test_space_presses_what_the_keyboard_has_reached(page: Instrument) -> None:
    page.button("Clear data").focus()
    page.page.keyboard.press("Space")
    page.wait("() => window.nnvisu.experiment().data.x === ''")
    expect(page.button("Train")).to_be_visible()


# Events as browsers send them for these layouts (tests/js/ui/keys.test.js has more).
LAYOUTS = {
    "AZERTY": ({"key": "\u00e9", "code": "Digit2"}, "Class 2"),
    "Czech": ({"key": "\u0161", "code": "Digit3"}, "Class 3"),
    "Cyrillic": ({"key": "\u0443", "code": "KeyE"}, "Erase"),
    "Greek": ({"key": "\u03b5", "code": "KeyE"}, "Erase"),
}


@pytest.mark.parametrize(("event", "chosen"), LAYOUTS.values(), ids=LAYOUTS)
def test_keys_work_on_other_layouts(page: Instrument, event: dict[str, str], chosen: str) -> None:
    page.page.locator("body").dispatch_event("keydown", event)
    expect(page.radio(chosen)).to_be_checked()


def test_undo_works_on_a_cyrillic_keyboard(page: Instrument) -> None:
    page.press("Clear data")
    undo = {"key": "\u044f", "code": "KeyZ", "ctrlKey": True}
    page.page.locator("body").dispatch_event("keydown", undo)
    page.wait("() => window.nnvisu.experiment().data.x !== ''")


# Longer than the pause in typing after which a number takes effect.
AFTER_PAUSE = "() => new Promise((resolve) => { setTimeout(resolve, 1000); })"


def test_a_number_with_thousands_separators_changes_nothing_while_it_is_typed(
    page: Instrument,
) -> None:
    before = page.experiment()
    field = page.field("Samples")
    field.click()
    field.press("Control+a")
    field.press_sequentially("1,", delay=100)
    page.page.evaluate(AFTER_PAUSE)
    assert page.experiment()["config"] == before["config"]
    field.press_sequentially("000", delay=100)
    field.press("Enter")
    expect(page.alert("Samples: write 1000 without a separator.")).to_be_visible()
    after = page.experiment()
    assert after["data"] == before["data"]
    assert after["config"]["samples"] == before["config"]["samples"]
