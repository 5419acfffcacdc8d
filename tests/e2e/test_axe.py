"""The rules of axe-core on every state of the page: light, dark, and with forced colours."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.instrument import Instrument
from tests.e2e.themes import TRANSITIONS_ARE_DONE, Theme, wait_for_theme

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text()
# All rules of WCAG to 2.2 AA and the best practices; each fault with the elements concerned.
RUN = """async () => (await axe.run()).violations.map(({ id, nodes }) => [id,
  ...nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`)].join("; "))"""


def training(page: Instrument) -> None:
    """Train a little, with everything open."""
    page.page.locator("details").filter(has_text="Advanced").locator("summary").click()
    page.inside.scroll_into_view_if_needed()
    page.type("Batch size", "10").train().wait_for_epoch(10).pause()
    expect(page.inside.get_by_role("table", name="Weights")).to_be_visible()


def ten_classes(page: Instrument) -> None:
    """Ten classes, marked errors, a selected point."""
    page.regenerated(lambda: page.type("Classes", "10"))
    page.page.get_by_role("checkbox", name="Mark errors").check(force=True)
    page.pick("Move").drag((-0.9, 0.9), (0.5, -0.5))


def regression(page: Instrument) -> None:
    """The other task."""
    page.choose("Task", "Regression").settled()


def refusals(page: Instrument) -> None:
    """A refused value, and a training that cannot start."""
    page.type("Learning rate", "abc").press("Clear data", "Train")
    expect(page.alert("Draw")).to_be_visible()


def card(page: Instrument) -> None:
    """The card of a weight."""
    page.page.get_by_role("group", name="Network diagram").focus()
    for key in ("ArrowDown", "ArrowRight", "Enter"):
        page.page.keyboard.press(key)
    expect(page.page.get_by_role("dialog", name="Weight")).to_be_visible()


def past(page: Instrument) -> None:
    """A moment of the past, and a bubble."""
    page.train().wait_for_epoch(10).pause()
    page.page.keyboard.press("ArrowLeft")
    page.status("Test loss").hover()
    expect(page.page.get_by_role("tooltip")).to_be_visible()


def help_dialog(page: Instrument) -> None:
    """The help dialog."""
    page.press("Help")
    expect(page.page.get_by_role("heading", name="Words")).to_be_visible()


def menu(page: Instrument) -> None:
    """The menu of experiments."""
    page.page.locator("summary[aria-label^='Experiment']").click()


def present(page: Instrument) -> None:
    """Map and diagram alone."""
    page.press("Present")


STATES: dict[str, Callable[[Instrument], object]] = {
    "first visit": lambda page: page,
    **{act.__name__: act for act in (training, ten_classes, regression, refusals, card)},
    **{act.__name__: act for act in (past, help_dialog, menu, present)},
}


def faults(page: Instrument) -> list[str]:
    """Return what axe finds."""
    page.page.evaluate(AXE)
    found: list[str] = page.page.evaluate(RUN)
    return found


# The themes differ in colours alone, which these states have all of.
DARK = ("training", "ten_classes", "refusals")


@pytest.mark.parametrize(
    ("state", "theme"),
    [*((state, "light") for state in STATES), *((state, "dark") for state in DARK)],
)
def test_axe_finds_nothing(page: Instrument, state: str, theme: Theme) -> None:
    if theme == "dark":
        page.press("Dark theme")
    wait_for_theme(page, theme)
    STATES[state](page)
    page.wait(TRANSITIONS_ARE_DONE)
    assert faults(page) == []


@pytest.mark.only_in("chromium", why="Playwright emulates forced colours in Chromium only")
@pytest.mark.parametrize("state", ["training", "ten_classes", "refusals"])
def test_axe_finds_nothing_with_forced_colours_and_on_a_phone(page: Instrument, state: str) -> None:
    page.page.emulate_media(forced_colors="active")
    STATES[state](page)
    assert faults(page) == []
    page.page.emulate_media(forced_colors="none")
    page.page.set_viewport_size({"width": 390, "height": 844})
    assert faults(page) == []
