"""Invalid input: one clear sentence beside the control, and nothing else changes."""

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from tests.e2e import offline
from tests.e2e.instrument import Instrument

NEAR_PX = 120


def is_beside(alert: Locator, control: Locator) -> bool:
    """Return whether a message is shown next to a control."""
    said, typed = alert.bounding_box(), control.bounding_box()
    assert said is not None
    assert typed is not None
    below = said["y"] - (typed["y"] + typed["height"])
    aside = max(said["x"] - typed["x"] - typed["width"], typed["x"] - said["x"] - said["width"])
    return abs(below) < NEAR_PX and aside < NEAR_PX


BAD_VALUES: list[tuple[str, dict[str, str]]] = [
    (
        "Hidden layers",
        {
            "10-abc": "abc",
            "101": "101",
            "0": "0",
            "-".join(["3"] * 11): "11",
            "10--5": "10",
        },
    ),
    ("Learning rate", dict.fromkeys(["-1", "0", "fast", "1e999"], "Learning rate")),
    ("Batch size", dict.fromkeys(["0", "2.5"], "Batch size")),
    ("L2", {"-0.1": "L2"}),
    ("Dropout", {"1": "Dropout"}),
    # One at a time: a valid value generates new points.
    ("Samples", {"1001": "1000"}),
    ("Samples", {"many": "Samples"}),
    ("Classes", {"11": "Classes"}),
    ("Classes", {"1": "Classes"}),
    ("Seed", {"-1": "Seed"}),
]
"""A field, what it refuses, and a part of the sentence that says so."""


@pytest.mark.parametrize(("name", "refused"), BAD_VALUES)
def test_an_invalid_value_is_refused(page: Instrument, name: str, refused: dict[str, str]) -> None:
    before, good = page.text(), page.field(name).input_value()
    for number, (text, sentence) in enumerate(refused.items()):
        if number:
            page.type(name, good)
            expect(page.page.get_by_role("alert")).to_have_count(0)
        page.type(name, text)
        alert = page.alert(sentence)
        expect(alert).to_be_visible()
        assert is_beside(alert, page.field(name))
        assert page.text() == before
        assert page.field(name).get_attribute("aria-invalid") == "true"


def test_the_message_of_the_lowest_field_is_scrolled_into_view(page: Instrument) -> None:
    page.page.set_viewport_size({"width": 1440, "height": 900})
    page.slide("Test share", "0").type("Early stopping (patience)", "20")
    expect(page.alert("needs test points")).to_be_in_viewport(ratio=0.99)


def test_a_valid_value_removes_the_message(page: Instrument) -> None:
    page.type("Learning rate", "-1")
    expect(page.alert("Learning rate")).to_be_visible()
    page.type("Learning rate", "0.5")
    expect(page.alert("Learning rate")).to_have_count(0)
    assert page.experiment()["config"]["learning_rate"] == 0.5


def test_a_decimal_comma_is_accepted(page: Instrument) -> None:
    page.type("Learning rate", "0,25")
    assert page.experiment()["config"]["learning_rate"] == 0.25


def test_an_invalid_value_does_not_affect_a_training(page: Instrument) -> None:
    start = page.experiment()
    page.train().wait_for_epoch(10)
    page.type("Learning rate", "-1").type("Hidden layers", "10-abc")
    expect(page.alert("abc")).to_be_visible()
    page.wait_for_epoch(page.epoch + 30).pause()
    found = page.experiment()
    offline.assert_equal(found, offline.trained(start, found["epoch"]))


def test_more_than_1000_points_are_refused(page: Instrument) -> None:
    page.regenerated(lambda: page.type("Samples", "1000")).generate("Moons")
    assert [len(offline.points(page.experiment(), part)) for part in (0, 1)] == [800, 200]
    before = page.experiment()["data"]
    page.pick("Draw").pick("Class 1").click(0.0, -0.9)
    expect(page.alert("1000")).to_be_visible()
    assert page.experiment()["data"] == before


def test_without_points_train_says_what_is_missing(page: Instrument) -> None:
    page.press("Clear data", "Train")
    expect(page.alert("point")).to_be_visible()
    expect(page.button("Train")).to_be_visible()
    assert page.epoch == 0


def test_with_one_class_train_says_what_is_missing(page: Instrument) -> None:
    page.press("Clear data").draw([(-0.5, 0, 0), (0.5, 0, 0)]).press("Train")
    expect(page.alert("class")).to_be_visible()
    expect(page.button("Train")).to_be_visible()


@pytest.mark.parametrize("optimiser", ["SGD", "Momentum", "RMSProp", "Adam", "AdamW"])
def test_divergence_stops_with_a_sentence_and_keeps_the_last_finite_state(
    page: Instrument, optimiser: str
) -> None:
    page.choose("Activation", "ReLU").choose("Optimiser", optimiser).type("Learning rate", "100")
    page.type("Hidden layers", "-".join(["20"] * 10)).settled()
    run = offline.training(page.experiment())
    run.advance(1000)
    page.at_full_speed().press("Train")
    expect(page.alert(f"Training diverged: {run.diverged}. The last finite")).to_be_visible()
    expect(page.button("Train")).to_be_visible()
    found = page.experiment()
    offline.assert_equal(found, run.checkpoint())
    assert np.isfinite(offline.checkpoint(found).parameters).all()
    page.reload()
    assert page.experiment() == found
