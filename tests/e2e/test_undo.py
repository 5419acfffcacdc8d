"""Undo and redo in a browser: every change is reverted bit for bit."""

import json
import math
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import offline
from tests.e2e.conftest import Open
from tests.e2e.instrument import Instrument
from tests.support.server import ServerProcess

EPOCH = 300
FIGURES = "[...document.querySelectorAll('.figures output')].map((figure) => figure.textContent)"
DOCUMENT = "JSON.stringify(window.nnvisu.document())"

# Counts messages by type as the page sends them; the type is the first text of the MessagePack map.
COUNT = """() => {
  const send = WebSocket.prototype.send;
  window.sent = [];
  WebSocket.prototype.send = function (message) {
    const start = new TextDecoder("latin1").decode(message.slice(0, 24));
    window.sent.push(/train|stop|ack|initialise|generate|inspect/.exec(start)?.[0]);
    return send.call(this, message);
  };
}"""

Act = Callable[[Instrument], object]


def state(page: Instrument) -> tuple[str, list[str]]:
    """Return the whole experiment with its history, and the metrics in view."""
    return str(page.page.evaluate(DOCUMENT)), list(page.page.evaluate(FIGURES))


def becomes(page: Instrument, wanted: tuple[str, list[str]]) -> None:
    """Wait until the experiment equals the wanted one; then compare the metrics."""
    page.wait(f"wanted => {DOCUMENT} === wanted", wanted[0])
    page.wait(f"wanted => ({FIGURES}).join() === wanted.join()", wanted[1])


def undo(page: Instrument, times: int = 1) -> None:
    """Press the keys of undo."""
    for _ in range(times):
        page.page.keyboard.press("Control+z")


def redo(page: Instrument, times: int = 1) -> None:
    """Press the keys of redo."""
    for _ in range(times):
        page.page.keyboard.press("Control+Shift+z")


def blur(page: Instrument) -> None:
    """Blur the focused field: fields have their own undo."""
    page.page.evaluate("document.activeElement.blur()")


@pytest.fixture
def trained(page: Instrument) -> Instrument:
    """A page that was trained and stopped."""
    page.slide("Test share", "0.2").type("Stop at epoch", str(EPOCH)).at_full_speed().press("Train")
    page.wait_for_epoch(EPOCH)
    expect(page.button("Train")).to_be_visible()
    blur(page)
    return page


def reset(page: Instrument) -> None:
    """Press R, and wait for the new weights."""
    before = page.experiment()["weights"]["seed"]
    page.page.keyboard.press("r")
    page.wait("before => window.nnvisu.experiment().weights.seed !== before", before)


def feature(page: Instrument) -> None:
    """Turn a feature off or on."""
    page.page.get_by_role("checkbox", name="y", exact=True).click(force=True)
    page.settled()


def layers(text: str) -> Act:
    """Return an action that types an architecture."""

    def act(page: Instrument) -> None:
        page.type("Hidden layers", text).settled()
        blur(page)

    return act


def task(name: str) -> Act:
    """Return an action that chooses a task."""

    def act(page: Instrument) -> None:
        page.choose("Task", name).settled()
        blur(page)

    return act


def clear(page: Instrument) -> None:
    """Remove all points."""
    page.press("Clear data")
    page.wait("() => window.nnvisu.experiment().data.x === ''")


CASES: dict[str, list[Act]] = {
    "R": [reset],
    "a feature off": [feature],
    "a feature off and on": [feature, feature],
    "10-5 to 3": [layers("3")],
    "10-5 to 3 and back": [layers("3"), layers("10-5")],
    "another task": [task("Regression")],
    "another task and back": [task("Regression"), task("Classification")],
    "Clear data": [clear],
    "another optimiser": [lambda page: page.choose("Optimiser", "SGD").settled()],
    "all of it": [clear, feature, layers("3"), task("Regression"), reset],
}


@pytest.mark.parametrize("acts", CASES.values(), ids=CASES)
def test_undo_restores_every_bit(trained: Instrument, acts: list[Act]) -> None:
    states = [state(trained)]
    for act in acts:
        act(trained)
        states.append(state(trained))
    for before in reversed(states[:-1]):
        undo(trained)
        becomes(trained, before)
    for after in states[1:]:
        redo(trained)
        becomes(trained, after)
    undo(trained, len(acts))
    becomes(trained, states[0])
    start = trained.experiment()
    trained.press("Step").wait_for_epoch(EPOCH + 1)
    offline.assert_equal(trained.experiment(), offline.trained(start, EPOCH + 1))


def test_switching_the_task_back_restores_its_state(trained: Instrument) -> None:
    def own(text: str) -> list[object]:
        """Return the classification part of a document."""
        document = json.loads(text)
        runs = [run for run in document["runs"] if run["task"] == "classification"]
        return [document["data"]["classification"], *runs]

    before = state(trained)
    task("Regression")(trained)
    layers("3")(trained)
    task("Classification")(trained)
    after = state(trained)
    assert own(after[0]) == own(before[0])
    assert after[1] == before[1]


def test_an_undone_reset_survives_a_reload(trained: Instrument) -> None:
    before = state(trained)
    reset(trained)
    undo(trained)
    becomes(trained, before)
    trained.reload()
    assert state(trained) == before


def delete(page: Instrument) -> None:
    """Delete the experiment; the page reloads."""
    page.page.locator("details.menu summary").click()
    page.press("Delete this experiment")
    with page.page.expect_navigation():
        page.page.get_by_role("button", name="Yes, delete").click()
    page.ready()


def test_a_deleted_experiment_is_restored_bit_for_bit(trained: Instrument) -> None:
    before = state(trained)
    name = trained.page.evaluate("sessionStorage.getItem('nnvisu')")
    delete(trained)
    assert trained.epoch == 0
    expect(trained.alert(f"“{name}” was deleted. Undo brings it back.")).to_be_visible()
    expect(trained.button("Undo")).to_be_enabled()
    with trained.page.expect_navigation():
        undo(trained)
    trained.ready()
    assert trained.page.evaluate("sessionStorage.getItem('nnvisu')") == name
    assert state(trained) == before
    expect(trained.alert("was deleted")).to_have_count(0)
    with trained.page.expect_navigation():
        redo(trained)
    trained.ready()
    assert trained.epoch == 0
    with trained.page.expect_navigation():
        undo(trained)
    trained.ready()
    assert state(trained) == before


def stroke(page: Page, *path: tuple[float, float]) -> None:
    """Draw along a path, one pointer move per step."""
    start, *rest = path
    page.mouse.move(*start)
    page.mouse.down()
    for place in rest:
        page.mouse.move(*place, steps=40)
    page.mouse.up()


def test_a_stroke_during_training_is_one_undo_step_and_few_requests(page: Instrument) -> None:
    before = offline.points(page.experiment())
    page.train().wait_for_epoch(5)
    page.page.evaluate(COUNT)
    rows = [(x, y) for y in (-0.9, -0.45, 0.0, 0.45, 0.9) for x in (-0.9, 0.9)]
    start_s = time.monotonic()
    stroke(page.page, *(page.position(x, y) for x, y in rows))
    stroke_s = time.monotonic() - start_s
    drawn = len(offline.points(page.experiment())) + len(offline.points(page.experiment(), 1))
    assert drawn - 200 >= 100
    page.wait_for_epoch(page.epoch + 30)
    sent = page.page.evaluate("window.sent.filter((type) => type === 'train' || type === 'stop')")
    assert sent[-1] == "train"
    # The first point is sent at once, the others after 2 s, 4 s, 8 s, and so on, and at the end.
    assert sent.count("train") <= 3 + math.log2(1 + stroke_s / 2)
    page.pause().press("Undo")
    after = offline.points(page.experiment())
    assert after.x.tobytes() == before.x.tobytes()
    expect(page.button("Undo")).to_be_disabled()


def test_two_moments_of_one_epoch_are_restored(trained: Instrument) -> None:
    layers("3")(trained)
    document, figures = state(trained)
    run = json.loads(document)["runs"][0]
    last, made = run["line"][-2:]
    assert last["checkpoint"]["epoch"] == made["checkpoint"]["epoch"] == EPOCH
    assert made["parent"] == last["id"]
    assert run["newest"] is None
    trained.reload()
    assert state(trained) == (document, figures)
    trained.history.press("ArrowLeft")
    network = trained.page.get_by_role("region", name="Network", exact=True)
    expect(network).to_contain_text("2 – 10 – 5 – 2")
    expect(trained.history).to_have_attribute("aria-valuetext", f"epoch {EPOCH}")


def test_the_undo_button_names_its_step(open_at: Open, shared_server: ServerProcess) -> None:
    page = open_at(shared_server.url)
    expect(page.button("Undo")).to_be_disabled()
    page.type("Learning rate", "0.5")
    expect(page.button("Undo")).to_have_attribute("data-help", "Undo: Learning rate")
    page.press("Undo")
    expect(page.button("Redo")).to_have_attribute("data-help", "Redo: Learning rate")
    assert page.experiment()["config"]["learning_rate"] == 0.01


# Changes a feature and undoes it in one task, before the server can have answered.
CHANGE_AND_UNDO = """() => {
  document.querySelector("input[type=checkbox][aria-label=y]").click();
  const undo = { key: "z", ctrlKey: true, bubbles: true };
  document.body.dispatchEvent(new KeyboardEvent("keydown", undo));
}"""


def test_undo_before_the_server_has_answered_keeps_the_weights(trained: Instrument) -> None:
    before = state(trained)
    trained.page.evaluate(CHANGE_AND_UNDO)
    assert state(trained) == before
    # An answer that came late has come before that of a later request.
    trained.generate("Circles").press("Undo")
    becomes(trained, before)


def test_undo_works_while_a_combobox_has_the_focus(page: Instrument) -> None:
    page.choose("Activation", "ReLU")
    page.combobox("Activation").press("Control+z")
    page.wait("() => window.nnvisu.experiment().config.activation === 'tanh'")


def test_undo_does_not_apply_a_value_that_was_refused(page: Instrument) -> None:
    page.slide("Test share", "0.2").slide("Test share", "0")
    page.type("Early stopping (patience)", "20")
    expect(page.alert("needs test points")).to_be_visible()
    blur(page)
    undo(page)
    page.wait("() => window.nnvisu.experiment().config.test_share === 0.2")
    page.press("Redo")
    page.wait("() => window.nnvisu.experiment().config.test_share === 0")
    assert page.experiment()["config"]["stop_patience"] is None
