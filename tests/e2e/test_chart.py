"""The chart: loss and accuracy, its scale, the cursor, and the gap."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.instrument import Instrument


def cursor(page: Instrument) -> str:
    """Return what the chart's cursor says."""
    slider = page.page.get_by_role("slider", name="Chart cursor", exact=True)
    return slider.get_attribute("aria-valuetext") or ""


def test_the_cursor_reads_epoch_and_values_by_keyboard(page: Instrument) -> None:
    page.train().wait_for_epoch(30).pause()
    slider = page.page.get_by_role("slider", name="Chart cursor", exact=True)
    slider.focus()
    assert cursor(page).startswith(f"epoch {page.epoch}: ")
    page.page.keyboard.press("Home")
    first = re.fullmatch(r"epoch 0: training (\S+), test (\S+)", cursor(page))
    assert first is not None
    page.page.keyboard.press("ArrowRight")
    second = re.match(r"epoch (\d+): training (\S+),", cursor(page))
    assert second is not None
    assert int(second[1]) > 0
    assert float(second[2]) < float(first[1])
    page.page.keyboard.press("End")
    last = re.search(r"training (\S+), test (\S+)", cursor(page))
    assert last is not None
    assert float(last[1]) == pytest.approx(page.figure("Training loss"), abs=6e-5)
    gap = page.figure("Generalisation gap")
    assert gap == pytest.approx(abs(float(last[2]) - float(last[1])), abs=2e-3)


def test_the_cursor_follows_the_pointer(page: Instrument) -> None:
    page.train().wait_for_epoch(30).pause()
    chart = page.page.get_by_role("img", name="Loss chart")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    seen = []
    for share in (0.2, 0.5, 0.98):
        page.page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
        expect(page.page.locator(".reading span").first).to_have_text(re.compile("epoch"))
        seen.append(int(page.page.locator(".reading span").first.inner_text().split()[1]))
    assert seen == sorted(set(seen))
    assert seen[-1] == page.epoch
    page.page.mouse.move(0, 0)
    expect(page.page.locator(".reading span").first).to_have_text("now")


def test_the_curve_is_the_accuracy_and_stays_so(page: Instrument) -> None:
    page.train().wait_for_epoch(20).pause()
    page.choose("Curve", "Accuracy")
    expect(page.page.get_by_role("img", name="Accuracy chart")).to_be_visible()
    expect(page.page.get_by_role("checkbox", name="Log scale")).to_be_disabled()
    shown = re.search(r"training (\S+),", cursor(page))
    assert shown is not None
    assert float(shown[1]) == pytest.approx(page.figure("Training accuracy"), abs=6e-4)
    page.reload()
    expect(page.combobox("Curve")).to_have_value("accuracy")


def test_the_logarithmic_scale_shows_small_losses(page: Instrument) -> None:
    """With it, the curve of a loss that fell far goes down to the lower end."""
    chart = page.page.get_by_role("img", name="Loss chart")
    page.type("Learning rate", "0.05").at_full_speed().train()
    page.wait_for_accuracy(0.99).pause()
    chart.scroll_into_view_if_needed()
    linear = chart.screenshot()
    page.page.get_by_role("checkbox", name="Log scale").check()
    page.page.mouse.move(0, 0)
    page.page.evaluate("() => new Promise(requestAnimationFrame)")
    assert chart.screenshot() != linear
    page.reload()
    expect(page.page.get_by_role("checkbox", name="Log scale")).to_be_checked()
