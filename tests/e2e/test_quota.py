"""A full Local Storage: only the history is dropped, and the user is notified."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.instrument import Instrument

FULL = re.compile("storage is full")

# Makes every n-th write fail for lack of room; with 0, no write fails.
FAIL_EVERY = """(every) => {
  window.every = every;
  if (window.write) return;
  window.write = Storage.prototype.setItem;
  let writes = 0;
  Storage.prototype.setItem = function (key, text) {
    writes += 1;
    if (window.every > 0 && writes % window.every === 0) {
      throw new DOMException("There is no room.", "QuotaExceededError");
    }
    return window.write.call(this, key, text);
  };
}"""

# Fills the storage to the last character.
FILL = """() => {
  let text = "";
  for (let size = 2 ** 22; size >= 1; size /= 2) {
    try {
      localStorage.setItem("another site's", text + "x".repeat(size));
      text += "x".repeat(size);
    } catch (error) {
      if (error.name !== "QuotaExceededError") throw error;
    }
  }
}"""
MAKE_ROOM = """() => localStorage.removeItem("another site's")"""
MOMENTS = """() => Object.keys(localStorage).filter((key) => /run\\/1\\/\\d+$/.test(key)).length"""

# Stored settings, points and newest weights equal the page's.
SAVED = """() => {
  const { settings, data, runs: [run] } = window.nnvisu.document();
  const stored = (part) => {
    const key = Object.keys(localStorage).find((name) => name.endsWith(`/${part}`));
    return JSON.parse(localStorage.getItem(key)?.split(":").slice(2).join(":") ?? "null");
  };
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const newest = run.newest ?? run.line.at(-1);
  return same(stored("settings"), settings)
    && same(stored("data/classification"), data.classification)
    && same(stored("run/1")?.settings, run.settings)
    && same(stored(`run/1/${newest.id}`), newest);
}"""


@pytest.mark.parametrize("every", [2, 3, 4, 5, 7, 11])
def test_occasional_failed_writes_lose_nothing(page: Instrument, every: int) -> None:
    page.page.evaluate(FAIL_EVERY, every)
    page.type("Learning rate", "0.02").type("Hidden layers", "7-3").settled()
    page.press("Clear data").draw([(-0.5, 0.1, 0), (0.5, -0.1, 1), (0.25, 0.75, 2)]).settled()
    page.train().wait_for_epoch(150).pause()
    page.type("L2", "0.01")
    expect(page.alert(FULL)).to_have_count(0)
    page.wait(SAVED)
    text = page.text()
    page.page.evaluate(FAIL_EVERY, 0)
    page.reload()
    assert page.text() == text
    expect(page.page.get_by_role("alert")).to_have_count(0)


def test_without_room_the_page_shows_a_notice_until_there_is_room(page: Instrument) -> None:
    page.page.evaluate(FAIL_EVERY, 1)
    page.type("Learning rate", "0.02")
    expect(page.alert(FULL)).to_be_visible()
    page.press("Clear data").draw([(-0.5, 0.1, 0), (0.5, -0.1, 1)]).settled()
    page.train().wait_for_epoch(60).pause()
    expect(page.alert(FULL)).to_have_count(1)
    page.page.evaluate(FAIL_EVERY, 0)
    expect(page.alert(FULL)).to_have_count(0)
    page.wait(SAVED)
    text = page.text()
    page.reload()
    assert page.text() == text


def test_in_a_full_storage_only_the_history_is_dropped(page: Instrument) -> None:
    page.train().wait(f"() => ({MOMENTS})() > 20").pause()
    page.page.evaluate(FILL)
    before = page.page.evaluate(MOMENTS)
    page.type("Samples", "1000").generate("Circles").settled()
    page.type("Hidden layers", "20-20").settled()
    epoch = page.epoch
    page.press("Step").wait_for_epoch(epoch + 1)
    page.wait(SAVED)
    expect(page.alert(FULL)).to_have_count(0)
    assert page.page.evaluate(MOMENTS) < before
    text = page.text()
    page.reload()
    assert page.text() == text
    expect(page.page.get_by_role("alert")).to_have_count(0)


def test_the_notice_of_a_full_storage_disappears_once_there_is_room(page: Instrument) -> None:
    page.wait(SAVED)
    page.page.evaluate(FILL)
    page.type("Samples", "1000").generate("Circles").settled()
    expect(page.alert(FULL)).to_be_visible()
    page.page.evaluate(MAKE_ROOM)
    expect(page.alert(FULL)).to_have_count(0)
    page.wait(SAVED)
    text = page.text()
    page.reload()
    assert page.text() == text
