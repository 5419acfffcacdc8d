"""Exercises of public courses on neural networks, from a fresh page, as their instructions say.

The exercises follow those that Google's Machine Learning Crash Course gives for TensorFlow
Playground, and what teachers add to them.
"""

import numpy as np
from numpy.typing import NDArray

from tests.e2e import offline
from tests.e2e.instrument import Instrument


def weights(page: Instrument) -> NDArray[np.float32]:
    """Return the newest parameters."""
    return offline.checkpoint(page.experiment()).parameters


def steps(page: Instrument, count: int) -> float:
    """Press Step so often; return the training loss."""
    epoch = page.epoch
    for _ in range(count):
        page.press("Step")
    page.wait_for_epoch(epoch + count)
    return page.figure("Training loss")


def gap(page: Instrument) -> float:
    """Return the generalisation gap."""
    return page.figure("Generalisation gap")


def test_a_learning_rate_too_high_then_lower(page: Instrument) -> None:
    start = page.figure("Training loss")
    page.type("Learning rate", "30")
    assert steps(page, 4) > start
    page.press("Reset model").settled().type("Learning rate", "0.03")
    losses = [steps(page, 3) for _ in range(4)]
    assert losses == sorted(losses, reverse=True)
    before = page.experiment()["config"]["learning_rate"]
    page.press("Lower Learning rate", "Lower Learning rate", "Raise Learning rate")
    assert 0 < page.experiment()["config"]["learning_rate"] < before


def test_a_feature_cross_by_hand(page: Instrument) -> None:
    page.generate("XOR").type("Hidden layers", "").settled().at_full_speed()
    page.train().wait_for_epoch(300).pause()
    assert page.figure("Training accuracy") < 0.8
    for name in ("x", "xy"):
        page.page.get_by_role("checkbox", name=name, exact=True).click(force=True)
    page.settled()
    assert page.experiment()["config"]["features"] == ["y", "x_times_y"]
    page.train().wait_for_accuracy(0.95)
    page.pause()


def test_two_features_without_a_hidden_layer_are_separated_by_hand(page: Instrument) -> None:
    page.generate("Gauss").type("Hidden layers", "").settled()
    for name, value in {
        "weight input x → class 1": "5",
        "weight input y → class 1": "5",
        "weight input x → class 2": "-5",
        "weight input y → class 2": "-5",
        "bias of class 1": "0",
        "bias of class 2": "0",
    }.items():
        cell = page.inside.get_by_role("spinbutton", name=name, exact=True)
        cell.fill(value)
        cell.press("Enter")
    page.wait_for_accuracy(0.95)
    assert page.epoch == 0


def test_the_same_settings_five_resets_five_outcomes(page: Instrument) -> None:
    page.generate("Spiral").type("Hidden layers", "4").choose("Activation", "ReLU")
    page.settled().at_full_speed()
    outcomes = set()
    for _ in range(5):
        before = weights(page).tobytes()
        page.press("Reset model")
        page.wait("() => window.nnvisu.experiment().epoch === 0").settled()
        assert weights(page).tobytes() != before
        page.train().wait_for_epoch(200).pause()
        outcomes.add(round(page.figure("Training loss"), 3))
    assert len(outcomes) >= 4


def test_l2_against_the_gap_between_test_and_training_loss(page: Instrument) -> None:
    page.regenerated(lambda: page.type("Samples", "80")).generate("XOR")
    page.regenerated(lambda: page.slide("Noise", "0.45")).slide("Test share", "0.5")
    page.type("Hidden layers", "16-16").settled().type("Learning rate", "0.03").at_full_speed()
    page.train().wait_for_epoch(800).pause()
    free, largest = gap(page), float(np.abs(weights(page)).max())
    page.type("L2", "0.02").train().wait_for_epoch(page.epoch + 1500).pause()
    assert gap(page) < free / 2
    # The weights can be read one by one.
    read = [
        abs(
            float(
                page.inside.get_by_role(
                    "spinbutton", name=f"weight input {axis} → hidden 1 · {k}", exact=True
                ).input_value()
            )
        )
        for axis in "xy"
        for k in range(1, 11)
    ]
    assert max(read) < largest


def test_noisy_xor_with_four_layers_and_penalties(page: Instrument) -> None:
    page.generate("XOR")
    page.regenerated(lambda: page.slide("Noise", "0.4"))
    page.type("Hidden layers", "8-8-8-8").settled().at_full_speed()
    page.train().wait_for_epoch(400).pause()
    dense = float((np.abs(weights(page)) < 0.01).mean())
    page.type("L1", "0.01").train().wait_for_epoch(page.epoch + 1500).pause()
    assert float((np.abs(weights(page)) < 0.01).mean()) > dense + 0.3
    size = float(np.linalg.norm(weights(page)))
    page.type("L1", "0").type("L2", "0").train().wait_for_epoch(page.epoch + 300).pause()
    assert float(np.linalg.norm(weights(page))) > size


def test_the_smallest_network_for_circles_xor_and_spiral(page: Instrument) -> None:
    """Of some initial weights, a few lead to it."""
    page.at_full_speed().type("Learning rate", "0.03").slide("Noise", "0.05")
    for distribution, layers in {"Circles": "3", "XOR": "4", "Spiral": "12-8"}.items():
        page.generate(distribution).type("Hidden layers", layers).settled()
        reached = 0.0
        for _ in range(6):
            page.press("Reset model").settled().train().wait_for_epoch(800).pause()
            reached = max(reached, page.figure("Training accuracy"))
            if reached >= 0.93:
                break
        assert reached >= 0.93, distribution
