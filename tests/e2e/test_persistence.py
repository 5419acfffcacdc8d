"""The whole experiment is in Local Storage, at once and bit for bit."""

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e import offline
from tests.e2e.instrument import Instrument

RUNS: list[dict[str, str]] = [
    {"Optimiser": "Adam"},
    {"Optimiser": "RMSProp", "Batch size": "32", "Dropout": "0.2", "L2": "0.001"},
    {"Optimiser": "SGD", "Batch size": "7", "Activation": "Leaky ReLU", "Hidden layers": "4-4-4"},
]

runs = pytest.mark.parametrize("settings", RUNS, ids=lambda settings: settings["Optimiser"])

# Changes a field as a keyboard does; the next line of script blocks all further writes. So writes
# during unload come too late, as when the page is killed.
CHANGE_AND_DIE = """(field, value) => {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
  Storage.prototype.setItem = Storage.prototype.removeItem = Storage.prototype.clear = () => {};
  location.reload();
}"""

STORED = "() => Object.fromEntries(Object.entries(localStorage))"
# Weights and history are written shortly after the rest.
ALL_PARTS_ARE_STORED = """() => {
  const { line, newest } = window.nnvisu.document().runs[0];
  const moments = [...line, newest].filter((moment) => moment).map(({ id }) => `run/1/${id}`);
  return moments.length > 0
    && ["settings", "data/classification", "run/1", "view", ...moments]
      .every((part) => Object.keys(localStorage).some((key) => key.endsWith(`/${part}`)));
}"""


def set_up(page: Instrument, settings: dict[str, str]) -> dict[str, Any]:
    """Apply settings, and return the experiment once its weights have arrived."""
    for name, value in settings.items():
        if name in {"Optimiser", "Activation"}:
            page.choose(name, value)
        else:
            page.type(name, value)
    return page.settled().experiment()


@runs
def test_a_reload_changes_nothing(page: Instrument, settings: dict[str, str]) -> None:
    set_up(page, settings)
    page.train().wait_for_epoch(30).pause()
    before = page.text()
    page.reload()
    assert page.text() == before
    expect(page.status("Epoch")).to_have_text(str(json.loads(before)["epoch"]))


@runs
def test_a_reload_during_training(page: Instrument, settings: dict[str, str]) -> None:
    start = set_up(page, settings)
    page.at_full_speed().train().wait_for_epoch(200)
    page.reload()
    reached = page.epoch
    assert reached > 0
    page.train().wait_for_epoch(reached + 200).pause()
    found = page.experiment()
    offline.assert_equal(found, offline.trained(start, found["epoch"]))


@pytest.mark.parametrize(
    ("name", "text", "key", "value"),
    [
        ("Learning rate", "0.037", "learning_rate", 0.037),
        ("Batch size", "17", "batch_size", 17),
        ("L2", "0.25", "l2", 0.25),
        ("Dropout", "0.5", "dropout", 0.5),
        ("Seed", "77", "seed", 77),
        ("Samples", "123", "samples", 123),
    ],
)
def test_a_setting_is_saved_before_anything_else_happens(
    page: Instrument, name: str, text: str, key: str, value: object
) -> None:
    field = page.field(name)
    with page.page.expect_navigation():
        field.evaluate(CHANGE_AND_DIE, text)
    page.ready()
    assert page.experiment()["config"][key] == value


def test_a_choice_is_saved_before_anything_else_happens(page: Instrument) -> None:
    choice = page.combobox("Activation")
    value = choice.get_by_role("option", name="GELU").get_attribute("value")
    with page.page.expect_navigation():
        choice.evaluate(CHANGE_AND_DIE, value)
    page.ready()
    assert page.experiment()["config"]["activation"] == "gelu"


def test_a_drawn_point_survives(page: Instrument) -> None:
    page.press("Clear data").draw([(0.25, 0.5, 3)])
    before = page.experiment()["data"]
    page.reload()
    assert page.experiment()["data"] == before
    assert offline.points(page.experiment()).label.tolist() == [3]


def test_a_small_change_writes_a_small_key(page: Instrument) -> None:
    page.wait(ALL_PARTS_ARE_STORED)
    before = page.page.evaluate(STORED)
    page.type("Learning rate", "0.02")
    page.wait("() => window.nnvisu.experiment().config.learning_rate === 0.02")
    after = page.page.evaluate(STORED)
    changed = {key.split("/", 2)[2] for key in after if after[key] != before.get(key)}
    assert changed == {"run/1"}
