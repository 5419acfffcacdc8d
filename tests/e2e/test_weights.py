"""Under Inside: the table of weights, the histograms, and two units' view."""

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from tests.e2e import offline
from tests.e2e.instrument import Instrument

FIRST = "weight input x → hidden 1 · 1"


def cell(page: Instrument, name: str) -> Locator:
    """Find a cell of the table of weights."""
    return page.inside.get_by_role("spinbutton", name=name, exact=True)


def test_a_weight_is_edited_in_the_table_undone_and_kept(page: Instrument) -> None:
    page.train().wait_for_epoch(20).pause()
    before = page.experiment()
    first = float(offline.checkpoint(before).parameters[0])
    expect(cell(page, FIRST)).to_have_value(f"{first:.3f}")
    cell(page, FIRST).fill("1.0")
    cell(page, FIRST).press("Enter")
    page.wait(
        "before => window.nnvisu.experiment().weights.parameters !== before",
        before["weights"]["parameters"],
    )
    edited = page.experiment()
    assert offline.checkpoint(edited).parameters[0] == 1
    page.press("Undo")
    assert page.experiment() == before
    page.press("Redo").reload()
    assert page.experiment() == edited
    expect(cell(page, FIRST)).to_have_value("1.000")


def test_a_bias_is_edited_while_training_at_full_speed(page: Instrument) -> None:
    page.inside.scroll_into_view_if_needed()
    page.at_full_speed().train().wait_for_epoch(50)
    name = "bias of hidden 1 · 1"
    cell(page, name).fill("25")
    cell(page, name).press("Enter")
    # Training goes on from it: a bias as large as that takes long to become small.
    page.wait(
        """() => {
          const { parameters } = window.nnvisu.experiment().weights;
          const bytes = Uint8Array.from(atob(parameters), (letter) => letter.charCodeAt(0));
          return new Float32Array(bytes.buffer)[20] > 20;
        }"""
    )
    epoch = page.epoch
    page.wait_for_epoch(epoch + 50).pause()
    assert offline.checkpoint(page.experiment()).parameters[20] > 15


def test_bad_input_in_the_table_says_what_is_allowed_and_changes_nothing(page: Instrument) -> None:
    before = page.text()
    for text in ("abc", "1e9", ""):
        cell(page, FIRST).fill(text)
        cell(page, FIRST).press("Enter")
        expect(page.alert(re.compile("must be a number from"))).to_be_visible()
        cell(page, FIRST).press("Escape")
    assert page.text() == before


def test_a_wide_layer_is_shown_in_pages(page: Instrument) -> None:
    page.type("Hidden layers", "25-12").settled()
    page.inside.get_by_role("combobox", name="Weights of layer").select_option(label="Hidden 2")
    page.inside.get_by_role("combobox", name="Units").select_option(label="Units 11–12")
    page.inside.get_by_role("combobox", name="Inputs").select_option(label="Inputs 21–25")
    last = float(offline.checkpoint(page.experiment()).parameters[75 + 12 * 25 - 1])
    expect(cell(page, "weight hidden 1 · 25 → hidden 2 · 12")).to_have_value(f"{last:.3f}")
    expect(page.inside.get_by_role("table", name="Weights").locator("tbody tr")).to_have_count(2)


def test_the_past_cannot_be_edited(page: Instrument) -> None:
    page.train().wait_for_epoch(20).pause()
    expect(cell(page, FIRST)).to_be_enabled()
    page.page.keyboard.press("ArrowLeft")
    expect(cell(page, FIRST)).to_be_disabled()


def test_the_histograms_are_of_the_weights_values_and_gradients(page: Instrument) -> None:
    page.train().wait_for_epoch(20).pause()
    table = page.inside.get_by_role("table", name="Histograms")
    rows = table.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(0).get_by_role("img")).to_have_count(3)
    parameters = offline.checkpoint(page.experiment()).parameters
    largest = float(np.abs(parameters[:20]).max())
    described = rows.nth(0).get_by_role("img").first.get_attribute("aria-label") or ""
    found = re.match(r"weights from −([\d.]+) to ([\d.]+),", described)
    assert found is not None
    assert [float(number) for number in found.groups()] == pytest.approx([largest] * 2, rel=6e-2)


def test_two_units_see_the_plane_bent(page: Instrument) -> None:
    """What is drawn changes with the units that are chosen, and while the network learns."""
    page.inside.scroll_into_view_if_needed()
    view = page.page.get_by_role("img", name=re.compile("^The plane as hidden 2 · 1"))
    view.scroll_into_view_if_needed()
    still = view.screenshot()
    assert page.page.evaluate("() => document.querySelector('.plane canvas').width") > 200
    page.inside.get_by_role("combobox", name="Unit up").select_option(index=3)
    other = page.page.get_by_role("img", name=re.compile(r"hidden 2 · 1 .* hidden 2 · 4"))
    expect(other).to_be_visible()
    page.page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    changed = other.screenshot()
    assert changed != still
    page.train().wait_for_epoch(30).pause()
    assert other.screenshot() != changed
    page.type("Hidden layers", "3").settled()
    expect(
        page.page.get_by_role("img", name=re.compile("^The plane as hidden 1 · 1"))
    ).to_be_visible()
