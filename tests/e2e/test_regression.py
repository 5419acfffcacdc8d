"""Regression on the page: drawing, generating and learning values, separate from classes."""

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from tests.e2e import offline
from tests.e2e.conftest import Open
from tests.e2e.instrument import Instrument, MapPixels
from tests.e2e.test_appearance import NOTHING_IS_CUT_OFF
from tests.e2e.themes import poor_contrasts
from tests.support.server import ServerProcess

SURFACES = ["Plane", "Multi-Gauss"]
SHARE = 0.72
"""Of a value's colour in its map colour, in the light theme; the rest is white."""
SCALE = np.array([[0xF2, 0x8E, 0x2B], [0xEE, 0xF0, 0xF4], [0x4E, 0x79, 0xA7]], np.float64)
"""(3, 3): red, green, blue of the values -1, 0 and 1."""


@pytest.fixture
def page(open_at: Open, shared_server: ServerProcess) -> Instrument:
    """A first visit with the regression task."""
    page = open_at(shared_server.url).choose("Task", "Regression")
    return page.slide("Test share", "0").settled()


def generators(page: Instrument) -> list[str]:
    """Return the names of the offered generators."""
    texts = page.page.locator(".generators button").all_inner_texts()
    return [text.strip() for text in texts if text.strip() != "Regenerate"]


def map_colour(value: float) -> NDArray[np.float64]:
    """Return the expected map colour of a value."""
    end = SCALE[0] if value < 0 else SCALE[2]
    colour = SCALE[1] + min(1, abs(value)) * (end - SCALE[1])
    mixed: NDArray[np.float64] = SHARE * colour + (1 - SHARE) * 255
    return mixed


def steps_as_the_engine(page: Instrument, epochs: int = 3) -> None:
    """Train a few epochs on the page and offline, and compare bit for bit."""
    before = page.settled().experiment()
    for _ in range(epochs):
        page.press("Step")
    page.wait_for_epoch(before["epoch"] + epochs)
    offline.assert_equal(page.experiment(), offline.trained(before, before["epoch"] + epochs))


def test_regression_starts_with_an_example(page: Instrument) -> None:
    assert len(offline.points(page.experiment())) == 200
    page.at_full_speed().train().wait_for_r2(0.9)


@pytest.mark.parametrize("name", SURFACES)
def test_surfaces_are_learned_as_in_the_engine(page: Instrument, name: str) -> None:
    start = page.generate(name).settled().experiment()
    assert start["data"]["origin"]["distribution"] == name.lower().replace("-", "_")
    page.at_full_speed().train().wait_for_r2(0.92).pause()
    found = page.experiment()
    offline.assert_equal(found, offline.trained(start, found["epoch"]))
    metrics = offline.metrics(found)
    assert metrics.r2 is not None
    assert metrics.r2 > 0.9
    assert page.figure("Training R²") == pytest.approx(metrics.r2, abs=0.0006)
    assert page.figure("Training loss") == pytest.approx(metrics.loss, rel=0.01, abs=0.0001)


def test_all_controls_match_the_task(page: Instrument) -> None:
    assert generators(page) == SURFACES
    expect(page.radio("Class 1")).to_have_count(0)
    expect(page.field("Classes")).to_have_count(0)
    expect(page.status("Training R²")).to_be_visible()
    expect(page.status("Training accuracy")).to_have_count(0)
    page.choose("Task", "Classification").settled()
    assert len(generators(page)) == 8
    expect(page.radio("Class 1")).to_be_visible()
    expect(page.field("Classes")).to_be_visible()
    expect(page.page.get_by_role("slider", name="Value", exact=True)).to_have_count(0)
    expect(page.status("Training accuracy")).to_be_visible()


def test_samples_noise_and_features_apply_to_regression(page: Instrument) -> None:
    page.generate("Plane")
    page.regenerated(lambda: page.type("Samples", "60"))
    noisy = page.regenerated(lambda: page.slide("Noise", "0.5")).experiment()
    page.regenerated(lambda: page.slide("Noise", "0"))
    points = offline.points(page.experiment())
    assert len(points) == 60
    assert points.value is not None
    np.testing.assert_allclose(points.value, (points.x + points.y) / 1.9, atol=1e-6)
    assert noisy["data"]["value"] != page.experiment()["data"]["value"]
    group = page.page.get_by_role("group", name="Features", exact=True)
    group.get_by_role("checkbox", name="xy", exact=True).check(force=True)
    page.settled().choose("Activation", "Sine").choose("Optimiser", "Momentum")
    steps_as_the_engine(page)


def test_drawn_values_are_learned_and_shown(page: Instrument) -> None:
    corners = [(-0.5, -0.5, -1.0), (0.5, 0.5, 1.0), (-0.5, 0.5, 0.25), (0.5, -0.5, 0.0)]
    page.press("Clear data").pick("Draw")
    for x, y, value in corners:
        page.slide("Value", str(value)).click(x, y)
    points = offline.points(page.experiment())
    assert points.value is not None
    assert points.value.tolist() == [value for _, _, value in corners]
    page.type("Hidden layers", "8").settled().at_full_speed().train().wait_for_r2(0.999).pause()
    found = page.experiment()
    places = [(x + dx, y) for x, y, _ in corners for dx in (-0.1, 0.1)]
    values = offline.probabilities(found, [x for x, _ in places], [y for _, y in places])[0]

    def fit(pixels: MapPixels) -> bool:
        colours = np.array([pixels.at(x, y) for x, y in places], np.float64)
        wanted = np.array([map_colour(float(value)) for value in values])
        return bool(np.abs(colours - wanted).max() <= 12)

    page.wait_for_pixels(fit)


def test_spraying_erasing_and_moving_keep_the_values(page: Instrument) -> None:
    page.press("Clear data").slide("Value", "-0.5").drag((-0.8, 0.0), (0.8, 0.0))
    sprayed = offline.points(page.experiment())
    assert len(sprayed) > 10
    assert set(np.asarray(sprayed.value).tolist()) == {-0.5}
    page.slide("Value", "0.75").click(0.0, 0.8)
    page.pick("Move").drag((0.0, 0.8), (0.4, 0.4))
    moved = offline.points(page.experiment())
    assert np.asarray(moved.value)[-1] == 0.75
    assert (moved.x[-1], moved.y[-1]) == pytest.approx((0.4, 0.4), abs=0.01)
    page.pick("Erase").drag((-1.0, 0.0), (1.0, 0.0))
    assert np.asarray(offline.points(page.experiment()).value).tolist() == [0.75]
    page.press("Undo")
    assert len(offline.points(page.experiment())) == len(sprayed) + 1


def test_each_task_keeps_its_points(open_at: Open, shared_server: ServerProcess) -> None:
    page = open_at(shared_server.url).slide("Test share", "0")
    page.draw([(0.9, 0.9, 4)])
    labelled = page.experiment()["data"]
    page.choose("Task", "Regression").settled()
    page.slide("Value", "0.3").click(-0.9, 0.9)
    valued = page.experiment()["data"]
    kept = {name: labelled[name] for name in ("x", "y", "label", "value", "origin")}
    assert valued["aside"] == kept
    page.choose("Task", "Classification").settled()
    data = page.experiment()["data"]
    assert {name: data[name] for name in kept} == kept
    counts = []
    for _ in range(4):
        page.press("Undo").settled()
        counts.append((page.experiment()["config"]["task"], len(offline.points(page.experiment()))))
    assert counts == [
        ("regression", 201),
        ("regression", 200),
        ("classification", 201),
        ("classification", 200),
    ]
    page.press(*["Redo"] * 4).settled().reload()
    page.choose("Task", "Regression").settled()
    assert page.experiment()["data"] == valued


def test_each_task_keeps_its_model(page: Instrument) -> None:
    page.type("Hidden layers", "7").settled().train().wait_for_epoch(30).pause()
    before = page.experiment()
    page.choose("Task", "Classification").settled()
    assert page.experiment()["config"]["hidden_layers"] == [10, 5]
    assert page.epoch == 0
    steps_as_the_engine(page)
    page.choose("Task", "Regression").settled()
    assert page.experiment() == {**before, "data": page.experiment()["data"]}
    steps_as_the_engine(page)


def test_a_reload_changes_nothing(page: Instrument) -> None:
    start = page.slide("Test share", "0.2").slide("Value", "-0.65").settled().experiment()
    page.train().wait_for_epoch(60).pause()
    before = page.text()
    page.reload()
    assert page.text() == before
    expect(page.combobox("Task")).to_have_value("regression")
    expect(page.page.get_by_role("slider", name="Value", exact=True)).to_have_value("-0.65")
    page.at_full_speed().train().wait_for_epoch(200).pause()
    found = page.experiment()
    offline.assert_equal(found, offline.trained(start, found["epoch"]))


def test_the_test_share_is_not_trained_on(page: Instrument) -> None:
    page.slide("Test share", "0.2").settled()
    start = page.experiment()
    training, test = offline.points(start), offline.points(start, 1)
    assert (len(training), len(test)) == (160, 40)
    expect(page.page.get_by_text("160 to train, 40 to test")).to_be_visible()
    page.at_full_speed().train().wait_for_r2(0.8, "Test R²").pause()
    found = page.experiment()
    for name, metrics in (
        ("Training", offline.metrics(found)),
        ("Test", offline.metrics(found, 1)),
    ):
        assert page.figure(f"{name} R²") == pytest.approx(metrics.r2, abs=0.0006)
        assert page.figure(f"{name} loss") == pytest.approx(metrics.loss, rel=0.01, abs=0.0001)


def test_points_and_tasks_change_during_training(page: Instrument) -> None:
    page.at_full_speed().train().wait_for_epoch(100)
    for x in (-0.9, 0.9):
        page.slide("Value", str(x)).click(x, 0.95)
        page.wait_for_epoch(page.epoch + 100)
    assert len(offline.points(page.experiment())) == 202
    for task, figure in (("Classification", "Training accuracy"), ("Regression", "Training R²")):
        page.choose("Task", task).settled()
        epoch = page.epoch
        page.wait_for_epoch(epoch + 100)
        expect(page.button("Pause")).to_be_visible()
        assert np.isfinite(page.figure(figure))
    page.press("Clear data")
    expect(page.button("Train")).to_be_visible()


def test_train_without_points_says_what_is_missing(page: Instrument) -> None:
    page.press("Clear data", "Train")
    expect(page.alert("There is nothing to learn yet: draw points on the map")).to_be_visible()
    page.click(0.0, 0.0).press("Train")
    expect(page.button("Pause")).to_be_visible()
    expect(page.status("Training R²")).to_have_text("–")
    page.pause().slide("Test share", "0.5").press("Step")
    expect(page.alert("No training points are left")).to_be_visible()


def test_the_class_keys_do_nothing(page: Instrument) -> None:
    before = page.text()
    for key in ("2", "5", "0"):
        page.page.keyboard.press(key)
    assert page.text() == before
    page.choose("Task", "Classification").settled()
    expect(page.radio("Class 1")).to_be_checked()


def test_the_legend_shows_the_value_under_the_pointer(page: Instrument) -> None:
    page.train().wait_for_epoch(200).pause()
    page.page.mouse.move(*page.position(0.6, -0.3))
    value = offline.probabilities(page.experiment(), [0.6], [-0.3])[0, 0]
    legend = page.page.locator(".legend .scale")
    shown = legend.locator(".winner").inner_text()
    assert float(shown.replace("−", "-")) == pytest.approx(float(value), abs=0.05)


def test_regression_fits_the_narrowest_window_with_enough_contrast(page: Instrument) -> None:
    page.slide("Test share", "0.2").settled()
    page.page.set_viewport_size({"width": 320, "height": 568})
    page.wait(NOTHING_IS_CUT_OFF)
    page.wait("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.page.mouse.move(*page.position(0.6, -0.3))
    expect(page.page.locator(".legend .scale .winner")).to_be_in_viewport(ratio=1)
    assert poor_contrasts(page) == []
