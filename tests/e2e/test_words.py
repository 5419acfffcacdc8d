"""What the words mean: by pointer, by keyboard and by touch."""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.e2e.instrument import Instrument
from tests.support.server import ServerProcess


def bubble(page: Instrument, text: str) -> None:
    """Wait for the bubble with this text."""
    expect(page.page.get_by_role("tooltip")).to_contain_text(text)


def test_the_pointer_shows_what_a_setting_and_a_figure_mean(page: Instrument) -> None:
    page.page.get_by_text("Learning rate", exact=True).hover()
    bubble(page, "how far an update moves the weights")
    page.status("Training loss").hover()
    bubble(page, "How wrong it is on the points it learns from")
    page.page.mouse.move(5, 500)
    expect(page.page.get_by_role("tooltip")).to_have_count(0)


def test_the_keyboard_shows_what_a_setting_means_and_escape_hides_it(page: Instrument) -> None:
    page.field("Batch size").focus()
    page.page.keyboard.press("Tab")
    page.page.keyboard.press("Shift+Tab")
    bubble(page, "Training points in each update")
    page.page.keyboard.press("Escape")
    expect(page.page.get_by_role("tooltip")).to_have_count(0)


def test_the_bubble_stays_within_the_window_and_off_its_element(page: Instrument) -> None:
    for name in ("Test share", "History"):
        slider = page.page.get_by_role("slider", name=name, exact=True)
        slider.scroll_into_view_if_needed()
        slider.hover()
        tooltip = page.page.get_by_role("tooltip")
        expect(tooltip).to_be_visible()
        box, about = tooltip.bounding_box(), slider.bounding_box()
        assert box is not None
        assert about is not None
        assert box["y"] >= 0
        assert box["x"] >= 0
        assert box["y"] + box["height"] <= 900
        assert box["y"] >= about["y"] + about["height"] or box["y"] + box["height"] <= about["y"]
        page.page.mouse.move(5, 5)


@pytest.mark.only_in("chromium", why="the other browsers are driven without touch")
def test_a_tap_shows_what_a_figure_means(
    context: BrowserContext, shared_server: ServerProcess
) -> None:
    browser = context.browser
    assert browser is not None
    phone = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = Instrument(phone.new_page(), shared_server.url).open()
    page.page.get_by_text("Test acc.").tap()
    bubble(page, "which it does not learn from")
    page.page.get_by_role("heading", name="Data").tap()
    expect(page.page.get_by_role("tooltip")).to_have_count(0)
    phone.close()


def test_help_explains_the_words(page: Instrument) -> None:
    page.press("Help")
    # What it says is loaded when it is opened for the first time.
    expect(page.page.get_by_role("heading", name="Words")).to_be_visible()
    words = page.page.get_by_role("dialog", name="Help").get_by_role("term").all_inner_texts()
    for word in (
        "Loss",
        "Epoch",
        "Step, update",
        "Tile",
        "Edge",
        "Dead",
        "Saturated",
        "Width and depth",
    ):
        assert word in words


def test_the_past_says_that_training_goes_on(page: Instrument) -> None:
    page.train().wait_for_epoch(20)
    for _ in range(3):
        page.page.keyboard.press("ArrowLeft")
    said = page.status("Outcome")
    expect(said).to_have_text("The past. Training goes on.")
    expect(page.button("Pause")).to_be_visible()
    page.history.press("End")
    expect(said).to_be_empty()
    page.pause()
