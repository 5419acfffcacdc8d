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
