"""The Inside panel of the network in view, compared with the engine's statistics."""

import re

import pytest
from playwright.sync_api import expect

from nnvisu import engine
from tests.e2e import offline
from tests.e2e.instrument import Experiment, Instrument
from tests.e2e.themes import poor_contrasts

DIGITS = 0.006
"""How far a figure of three digits may be from the number it stands for."""

# The positions of all elements, bars of histograms excepted, relative to the panel's corner, and
# of the map in the window, to a hundredth of a pixel: beyond that, the browser's own arithmetic
# differs with the scroll position.
BOXES = """() => {
  const box = (element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return { x, y, width, height };
  };
  const { x, y } = box(document.querySelector(".inside"));
  return [...document.querySelectorAll(".inside *:not(.histograms td *)")]
    .filter((element) => box(element).width > 0)
    .map((element) => [element.tagName, ...[box(element).x - x, box(element).y - y,
      box(element).width, box(element).height].map((px) => px.toFixed(2))].join(" "))
    .concat(JSON.stringify(box(document.querySelector(".map"))));
}"""


def confusion(experiment: Experiment, test: int = 0) -> list[list[str]]:
    """Return the engine's confusion matrix as the table shows it."""
    counts = offline.metrics(experiment, test).confusion
    assert counts is not None
    return [[str(count) for count in row] for row in counts.tolist()]


def shares(texts: list[str]) -> list[float]:
    """Return percentages as fractions; "< 1 %" as 0.005."""
    return [float(text.removesuffix(" %").replace("< 1", "0.5")) / 100 for text in texts]


def shows_the_layers(page: Instrument, experiment: Experiment) -> None:
    """Compare the table of layers with the engine's statistics of an experiment."""
    config = experiment["config"]
    wanted = engine.inspect(
        offline.checkpoint(experiment), offline.points(experiment), config["l1"], config["l2"]
    )
    expect(page.inside.get_by_role("table", name="Layers")).to_be_visible()
    page.wait("() => !document.querySelector('.layers td').textContent.includes('–')")
    rows = page.table("Layers")
    assert len(rows) == len(wanted)
    for row, layer in zip(rows, wanted, strict=True):
        weights, gradient = (float(text.replace("−", "-")) for text in row[:2])
        assert weights == pytest.approx(layer.weight_norm, rel=DIGITS)
        assert gradient == pytest.approx(
            layer.gradient_norm, rel=DIGITS if gradient > 1e-3 else 0.06
        )
        assert shares(row[2:]) == pytest.approx([layer.dead, layer.saturated], abs=0.006)


@pytest.mark.parametrize("classes", [2, 8])
def test_the_confusion_matrices_match_the_engine(page: Instrument, classes: int) -> None:
    if classes > 2:
        page.regenerated(lambda: page.type("Classes", str(classes))).generate("Blobs")
    # Noisy enough for misclassifications, unequally often in both directions.
    page.regenerated(lambda: page.slide("Noise", "0.7")).slide("Test share", "0.3").settled()
    page.at_full_speed().train().wait_for_epoch(40).pause()
    found = page.experiment()
    if classes > 2:
        assert confusion(found) != [list(each) for each in zip(*confusion(found), strict=True)]
    assert page.table("Training confusion matrix") == confusion(found)
    assert page.table("Test confusion matrix") == confusion(found, 1)
    table = page.inside.get_by_role("table", name="Test confusion matrix")
    for role in ("row", "column"):
        names = [f"Class {label + 1}" for label in range(classes)]
        headers = table.get_by_role(f"{role}header")  # type: ignore[arg-type]  # one of two roles
        assert [each.get_attribute("aria-label") for each in headers.all()] == names
    percent = f"{100 * (offline.metrics(found).accuracy or 0):.1f} %"
    expect(
        page.inside.get_by_text(re.compile(rf"^Training\s+{re.escape(percent)} right$"))
    ).to_be_visible()
    page.slide("Test share", "0")
    expect(table).to_have_count(0)


def test_the_confusion_follows_points_and_history(page: Instrument) -> None:
    page.at_full_speed()
    fresh = page.experiment()
    page.train().wait_for_epoch(300).pause()
    page.pick("Class 1").click(0.9, -0.9)
    page.wait("() => atob(window.nnvisu.experiment().data.label).length === 201")
    now = page.experiment()
    expect(page.inside.get_by_role("table").first).to_be_visible()
    assert page.table("Training confusion matrix") == confusion(now)
    page.history.press("Home")
    expect(page.status("Epoch")).to_have_text("0")
    assert page.table("Training confusion matrix") == confusion(fresh)


@pytest.mark.parametrize("activation", ["Tanh", "ReLU"])
def test_the_layer_statistics_match_the_engine(page: Instrument, activation: str) -> None:
    page.choose("Activation", activation).type("Hidden layers", "8-6-4").type(
        "L2", "0.01"
    ).settled()
    panel = page.inside
    names = panel.get_by_role("table", name="Layers").get_by_role("rowheader")
    expect(names).to_have_text(["Hidden 1", "Hidden 2", "Hidden 3", "Output"])
    shows_the_layers(page, page.experiment())
    page.at_full_speed().train().wait_for_epoch(100).pause()
    shows_the_layers(page, page.experiment())


def test_dead_neurons_are_reported(page: Instrument) -> None:
    page.choose("Activation", "ReLU").choose("Optimiser", "SGD").type("Learning rate", "3")
    page.settled().inside.get_by_role("table", name="Layers").scroll_into_view_if_needed()
    for epoch in range(1, 4):
        page.press("Step").wait_for_epoch(epoch)
    experiment = page.experiment()
    wanted = engine.inspect(offline.checkpoint(experiment), offline.points(experiment))
    assert any(layer.dead > 0 for layer in wanted)
    expect(page.inside.get_by_text(re.compile("of the neurons are dead"))).to_be_visible()
    shows_the_layers(page, experiment)


def test_inspecting_does_not_train(page: Instrument) -> None:
    page.page.get_by_role("checkbox", name="Keep seed").check()
    before = page.text()
    shows_the_layers(page, page.experiment())
    page.press("Reset model")
    shows_the_layers(page, page.experiment())
    assert page.text() == before


def test_the_panel_s_state_survives_a_reload(page: Instrument) -> None:
    panel = page.page.get_by_role("region", name="Inside", exact=True)
    expect(panel.get_by_role("table")).to_have_count(0)
    expect(page.inside.get_by_role("table")).to_have_count(5)
    page.reload()
    expect(panel.get_by_role("table")).to_have_count(5)
    shows_the_layers(page, page.experiment())
    panel.locator("summary").click()
    expect(panel.get_by_role("table")).to_have_count(0)
    page.reload()
    expect(panel.get_by_role("table")).to_have_count(0)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (390, 844), (320, 568)])
def test_ten_classes_fit_every_window(page: Instrument, width: int, height: int) -> None:
    page.page.set_viewport_size({"width": width, "height": height})
    page.press("Clear data").draw([(0.18 * k - 0.9, 0.5, k) for k in range(10)])
    page.wait("() => window.nnvisu.experiment().weights.network.classes.length === 10")
    table = page.inside.get_by_role("table", name="Training confusion matrix")
    expect(table.locator("tbody").get_by_role("cell")).to_have_count(100)
    page.wait("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    panel, inner = page.inside.bounding_box(), table.bounding_box()
    assert panel is not None
    assert inner is not None
    assert panel["x"] <= inner["x"]
    assert inner["x"] + inner["width"] <= panel["x"] + panel["width"]


def test_the_figures_have_enough_contrast_on_every_colour(page: Instrument) -> None:
    page.press("Clear data").draw([(0.18 * k - 0.9, 0.5, k) for k in range(10)])
    page.wait("() => window.nnvisu.experiment().weights.network.classes.length === 10")
    page.at_full_speed().inside.get_by_role("table").first.scroll_into_view_if_needed()
    # Every point is learned, so that each class's colour is fully saturated.
    page.train().wait_for_accuracy(1).pause()
    assert poor_contrasts(page) == []


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1100, 800), (1024, 768), (390, 844)])
def test_the_layout_is_stable_when_numbers_change(
    page: Instrument, width: int, height: int
) -> None:
    page.page.set_viewport_size({"width": width, "height": height})
    page.slide("Test share", "0.3").settled()
    expect(page.inside.get_by_role("table")).to_have_count(5)
    before = page.page.evaluate(BOXES)
    page.at_full_speed().train().wait_for_epoch(1000)
    assert page.page.evaluate(BOXES) == before
    page.pause()
    assert page.page.evaluate(BOXES) == before
