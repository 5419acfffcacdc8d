"""Every choice on the page reaches the engine: both train identically, bit for bit."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e import offline
from tests.e2e.instrument import Instrument

EPOCHS = 3
FEATURES = ("x²", "y²", "xy", "sin πx", "sin πy")

CHOICES = {
    "Activation": ("ReLU", "Leaky ReLU", "GELU", "Sigmoid", "SiLU", "Sine", "Linear", "Tanh"),
    "Optimiser": ("SGD", "Momentum", "RMSProp", "AdamW", "Adam"),
    "Schedule": ("Step", "Cosine", "Warm-up", "Constant"),
}
NUMBERS = {
    "L1": ("0.01", "l1"),
    "L2": ("0,02", "l2"),
    "Dropout": ("0.25", "dropout"),
    "Clip norm": ("0.5", "clip_norm"),
    "Batch size": ("10", "batch_size"),
}


def steps_as_the_engine(page: Instrument) -> None:
    """Train a few epochs on the page and offline, and compare bit for bit."""
    before = page.settled().experiment()
    epoch = before["epoch"] + EPOCHS
    for _ in range(EPOCHS):
        page.press("Step")
    after = page.wait_for_epoch(epoch).experiment()
    offline.assert_equal(after, offline.trained(before, epoch))


@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_trains_as_in_the_engine(page: Instrument, name: str) -> None:
    for label in CHOICES[name]:
        page.choose(name, label)
        steps_as_the_engine(page)
    expect(page.combobox(name).get_by_role("option")).to_have_count(len(CHOICES[name]))


@pytest.mark.parametrize("name", NUMBERS)
def test_every_number_trains_as_in_the_engine(page: Instrument, name: str) -> None:
    text, key = NUMBERS[name]
    page.type(name, text)
    assert page.experiment()["config"][key] == float(text.replace(",", "."))
    steps_as_the_engine(page)


def test_momentum_and_weight_decay_have_their_own_settings(page: Instrument) -> None:
    page.choose("Optimiser", "Momentum")
    page.page.get_by_role("checkbox", name="Nesterov", exact=True).check()
    steps_as_the_engine(page)
    page.choose("Optimiser", "AdamW").type("Weight decay", "0.5")
    steps_as_the_engine(page)


def test_every_feature_can_be_switched(page: Instrument) -> None:
    group = page.page.get_by_role("group", name="Features", exact=True)
    for name in FEATURES:
        group.get_by_role("checkbox", name=name, exact=True).check(force=True)
        page.settled()
    assert len(page.experiment()["weights"]["network"]["features"]) == 2 + len(FEATURES)
    steps_as_the_engine(page)
    for name in ("x", "y"):
        group.get_by_role("checkbox", name=name, exact=True).uncheck(force=True)
        page.settled()
    steps_as_the_engine(page)


def test_initialisers_give_different_weights(page: Instrument) -> None:
    page.page.get_by_role("checkbox", name="Keep seed").check()
    labels = page.combobox("Initialiser").get_by_role("option").all_inner_texts()
    assert len(labels) == 8
    seen = set()
    for label in labels:
        page.choose("Initialiser", label.strip()).press("Reset model")
        page.wait(_DRAWN_BY, label_to_name(page))
        seen.add(page.experiment()["weights"]["parameters"])
    assert len(seen) == len(labels)


def label_to_name(page: Instrument) -> str:
    """Return the wire's name of the initialiser chosen."""
    return str(page.experiment()["config"]["initialiser"])


_DRAWN_BY = "name => window.nnvisu.experiment().weights.network.initialiser === name"


@pytest.mark.parametrize("name", ["XOR", "Gauss", "Spiral", "Circles", "Blobs"])
def test_every_generator_can_be_learned_from(page: Instrument, name: str) -> None:
    change: Callable[[], object] = lambda: page.press(name)  # noqa: E731 - a click, named
    page.regenerated(change)
    assert page.experiment()["data"]["origin"]["distribution"] == name.lower()
    steps_as_the_engine(page)


def test_a_test_share_is_kept_from_training(page: Instrument) -> None:
    page.slide("Test share", "0.25")
    expect(page.page.get_by_text("150 to train, 50 to test")).to_be_visible()
    page.train().wait_for_epoch(50).pause()
    assert 0 < page.figure("Test loss") != page.figure("Training loss") > 0
    assert 0 < page.figure("Test accuracy") <= 1
