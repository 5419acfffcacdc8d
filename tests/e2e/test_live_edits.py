"""Edits during training take effect in the running training, and no epoch is lost.

A learning rate of 1e-30 changes no float32 weight under SGD: while epochs pass, the weights are
constant bit for bit, and the metrics depend only on the data.
"""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.e2e import offline
from tests.e2e.colours import mismatches
from tests.e2e.instrument import Instrument, MapPixels
from tests.e2e.test_learning import XOR

STANDSTILL = 1e-30

# "At once" is measured in frames: at 30 frames per second they take 200 ms.
AT_ONCE_FRAMES = 6

# Records every state that the page shows.
RECORD = """() => {
  window.seen = [];
  const figure = document.querySelector("output[aria-label='Training accuracy']");
  const note = () => {
    const { epoch, weights, data, config } = window.nnvisu.experiment();
    if (epoch !== window.seen.at(-1)?.epoch) {
      const { parameters } = weights;
      const shown = { points: atob(data.label).length, accuracy: figure.textContent };
      window.seen.push({ epoch, parameters, learning_rate: config.learning_rate, ...shown });
    }
    requestAnimationFrame(note);
  };
  note();
}"""

ACCURACY_IS = "accuracy => window.seen.at(-1)?.accuracy === accuracy"


@pytest.fixture
def learnt(page: Instrument) -> Instrument:
    """A page whose network has learned XOR by SGD, and still trains."""
    page.slide("Test share", "0").press("Clear data").draw(XOR).choose("Optimiser", "SGD").type(
        "Learning rate", "0.5"
    )
    page.settled().at_full_speed().train().wait_for_accuracy(1).wait_for_epoch(2000)
    page.page.evaluate(RECORD)
    return page


State = dict[str, Any]


def seen(page: Instrument) -> list[State]:
    """Return the states that the page has shown."""
    states: list[State] = page.page.evaluate("window.seen")
    return states


def no_epoch_was_lost(page: Instrument) -> bool:
    epochs = [state["epoch"] for state in seen(page)]
    return epochs == sorted(set(epochs)) and len(epochs) > 1


def goes_on(page: Instrument) -> bool:
    """Check that training continues without a pause."""
    page.wait_for_epoch(page.epoch + 100)
    return page.button("Pause").is_visible()


def stand_still(page: Instrument) -> None:
    """Keep the weights constant while training continues."""
    page.type("Learning rate", str(STANDSTILL))
    page.wait(
        """() => {
          const [before, now] = window.seen.slice(-2);
          return before?.parameters === now?.parameters && now !== undefined;
        }"""
    )


def frames_between(states: list[State], cause: State, effect: State) -> int:
    """Count the states from the first with the cause to the first with the effect."""
    caused = next(number for number, state in enumerate(states) if cause.items() <= state.items())
    after = states[caused:]
    return next(number for number, state in enumerate(after) if effect.items() <= state.items())


def test_the_learning_rate(learnt: Instrument) -> None:
    stand_still(learnt)
    states = seen(learnt)
    still = {"parameters": states[-1]["parameters"]}
    assert frames_between(states, {"learning_rate": STANDSTILL}, still) <= AT_ONCE_FRAMES
    learnt.type("Learning rate", "0.5")
    learnt.wait("still => window.seen.at(-1)?.parameters !== still", still["parameters"])
    assert goes_on(learnt)
    assert no_epoch_was_lost(learnt)


def test_adding_and_erasing_a_point(learnt: Instrument) -> None:
    stand_still(learnt)
    right, wrong = {"accuracy": "100.0 %"}, {"accuracy": "80.0 %"}

    learnt.pick("Class 2").click(-0.4, -0.4)
    learnt.wait(ACCURACY_IS, wrong["accuracy"])
    states = seen(learnt)
    assert frames_between(states, {"points": 5}, wrong) <= AT_ONCE_FRAMES
    assert goes_on(learnt)

    learnt.pick("Erase").click(-0.4, -0.4)
    learnt.wait(ACCURACY_IS, right["accuracy"])
    states = seen(learnt)[len(states) :]
    assert frames_between(states, {"points": 4}, right) <= AT_ONCE_FRAMES
    assert goes_on(learnt)
    assert no_epoch_was_lost(learnt)


def test_adding_a_class_keeps_the_old_weights_and_the_new_output_learns(
    learnt: Instrument,
) -> None:
    stand_still(learnt)
    old = offline.checkpoint(learnt.experiment())
    learnt.draw([(0.0, 0.9, 2), (0.1, 0.9, 2), (-0.1, 0.9, 2)])
    learnt.wait("() => window.nnvisu.experiment().weights.network.classes.length === 3")
    new = offline.checkpoint(learnt.experiment())
    head = 2 * old.network.sizes[-2]
    hidden = len(old.parameters) - head - 2
    kept = slice(0, hidden + head)  # all hidden layers, then the first two rows of the last W
    np.testing.assert_array_equal(new.parameters[kept], old.parameters[kept])
    np.testing.assert_array_equal(new.parameters[-3:-1], old.parameters[-2:])
    learnt.type("Learning rate", "0.3").wait_for_accuracy(1)
    learnt.pause()
    found = learnt.experiment()
    probabilities = offline.probabilities(found, [0.0], [0.9])
    assert probabilities.argmax(axis=0).tolist() == [2]
    assert no_epoch_was_lost(learnt)


def test_erasing_a_whole_class(learnt: Instrument) -> None:
    learnt.draw([(0.0, 0.9, 2)])
    learnt.wait("() => window.nnvisu.experiment().weights.network.classes.length === 3")
    learnt.pick("Erase").click(0.0, 0.9)
    learnt.wait("() => window.nnvisu.experiment().weights.network.classes.length === 2")
    assert goes_on(learnt)
    assert no_epoch_was_lost(learnt)


def test_clearing_stops_training(learnt: Instrument) -> None:
    learnt.press("Clear data")
    expect(learnt.button("Train")).to_be_visible()
    experiment = learnt.experiment()
    assert len(offline.points(experiment)) == 0
    learnt.draw(XOR)
    assert learnt.epoch == experiment["epoch"]
    expect(learnt.button("Train")).to_be_visible()


def test_dropout_affects_neither_the_metrics_nor_the_map(page: Instrument) -> None:
    page.slide("Test share", "0").type("Dropout", "0.5").settled().at_full_speed()
    page.train().wait_for_epoch(300).pause()
    metrics = offline.metrics(page.experiment())
    assert page.figure("Training accuracy") == pytest.approx(metrics.accuracy, abs=0.0006)
    assert page.figure("Training loss") == pytest.approx(metrics.loss, rel=0.01, abs=0.0001)
    learnt = offline.checkpoint(page.experiment())
    points = offline.points(page.experiment())

    def fit(pixels: MapPixels) -> bool:
        looked, wrong = mismatches(learnt, points, pixels)
        assert looked > 0, "the network is not sure anywhere"
        return wrong == []

    page.wait_for_pixels(fit)


def test_erasing_the_last_points_says_why_training_stopped(page: Instrument) -> None:
    page.press("Clear data").draw([(-0.5, 0.0, 0), (-0.45, 0.0, 0), (0.5, 0.0, 1), (0.4, 0.0, 1)])
    page.train().wait_for_epoch(page.epoch + 5)
    page.pick("Erase").drag((-0.7, 0.0), (0.7, 0.0), (0.7, 0.5), moves=20)
    expect(page.button("Train")).to_be_visible()
    page.wait("() => window.nnvisu.experiment().data.x === ''")
    expect(page.alert("draw some of a second class to train")).to_be_visible()
