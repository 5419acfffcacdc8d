"""Stop conditions: training ends at the exact epoch, and the page shows the reason."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from nnvisu import engine
from tests.e2e import offline
from tests.e2e.instrument import Experiment, Instrument
from tests.e2e.test_refusals import is_beside

PATIENCE = 15
LONGEST = 2000
"""Epochs after which no condition of these tests is waited for any more."""


def losses(start: Experiment, test: int) -> Iterator[tuple[int, float]]:
    """Yield each following epoch, and the engine's training or test loss at its end."""
    run = offline.training(start)
    points = offline.points(start, test)
    while run.epoch < LONGEST and run.advance(run.steps_per_epoch):
        metrics = engine.evaluate(run.checkpoint(), points)
        assert metrics is not None
        yield run.epoch, metrics.loss


def epoch_below(start: Experiment, loss: float) -> int:
    """Return the first epoch that ends with a training loss below `loss`."""
    return next(epoch for epoch, found in losses(start, 0) if found < loss)


def epoch_without_progress(start: Experiment) -> tuple[int, int, float]:
    """Return the epoch at which patience ends, the best epoch and its test loss."""
    best_epoch, best = 0, float("inf")
    for epoch, loss in losses(start, 1):
        if loss < best:
            best_epoch, best = epoch, loss
        elif epoch - best_epoch >= PATIENCE:
            return epoch, best_epoch, best
    raise AssertionError("the test loss never stops falling")


def stops(page: Instrument, start: Experiment, epoch: int, reason: str) -> None:
    """Train; check the final epoch, the shown reason, and that no error is shown."""
    page.press("Train")
    expect(page.status("Outcome")).to_have_text(f"Stopped: {reason}.")
    expect(page.button("Train")).to_be_visible()
    expect(page.page.get_by_role("alert")).to_have_count(0)
    offline.assert_equal(page.experiment(), offline.trained(start, epoch))
    expect(page.status("Epoch")).to_have_text(str(epoch))


@pytest.mark.parametrize("speed", ["60 epochs/s", "full speed"])
def test_training_stops_at_an_epoch(page: Instrument, speed: str) -> None:
    start = page.choose("Speed", speed).type("Stop at epoch", "123").experiment()
    assert start["config"]["stop_epoch"] == 123
    stops(page, start, 123, "epoch 123 has been reached")
    page.press("Step").wait_for_epoch(124)
    expect(page.status("Outcome")).to_have_text("")


def test_training_stops_below_a_loss(page: Instrument) -> None:
    start = page.at_full_speed().type("Stop at loss", "0,2").experiment()
    epoch = epoch_below(start, 0.2)
    stops(page, start, epoch, f"the training loss fell below 0.2 in epoch {epoch}")


def test_early_stopping_on_the_test_loss(page: Instrument) -> None:
    page.slide("Test share", "0.3").type("Learning rate", "0.3").at_full_speed()
    start = page.type("Early stopping (patience)", str(PATIENCE)).experiment()
    epoch, best_epoch, best = epoch_without_progress(start)
    reason = (
        f"the test loss has not been better for {PATIENCE} epochs; its best was {best:.4g} "
        f"in epoch {best_epoch}"
    )
    stops(page, start, epoch, reason)


def test_training_stops_after_seconds(page: Instrument) -> None:
    start = page.at_full_speed().type("Stop after seconds", "0.5").experiment()
    page.press("Train")
    expect(page.status("Outcome")).to_have_text("Stopped: 0.5 s of training are over.")
    expect(page.button("Train")).to_be_visible()
    found = page.experiment()
    assert found["epoch"] > 0
    offline.assert_equal(found, offline.trained(start, found["epoch"]))


CHANGES: dict[str, Callable[[Instrument], object]] = {
    "set": lambda page: page.type("Stop at epoch", "300"),
    "raised": lambda page: page.type("Stop at epoch", "100").type("Stop at epoch", "300"),
    "taken back": lambda page: page.type("Stop at epoch", "100").type("Stop at epoch", ""),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_applies_to_the_running_training(page: Instrument, name: str) -> None:
    # The slowest speed, so that the change precedes the epochs concerned.
    start = page.choose("Speed", "1 epoch/s").train().experiment()
    CHANGES[name](page)
    page.at_full_speed()
    if name == "taken back":
        page.wait_for_epoch(200).pause()
    else:
        expect(page.status("Outcome")).to_contain_text("epoch 300 has been reached")
        assert page.epoch == 300
    found = page.experiment()
    offline.assert_equal(found, offline.trained(start, found["epoch"]))


def test_patience_without_test_points_is_refused(page: Instrument) -> None:
    page.slide("Test share", "0").type("Early stopping (patience)", "20")
    alert = page.alert("needs test points: raise the test share")
    expect(alert).to_be_visible()
    assert is_beside(alert, page.field("Early stopping (patience)"))
    assert page.experiment()["config"]["stop_patience"] is None
    page.slide("Test share", "0.2")
    expect(alert).to_have_count(0)
    assert page.experiment()["config"]["stop_patience"] == 20
    page.slide("Test share", "0").press("Train")
    expect(alert).to_be_visible()
    expect(page.button("Train")).to_be_visible()
    page.type("Early stopping (patience)", "").train().pause()


def test_conditions_survive_a_reload(page: Instrument) -> None:
    page.type("Stop at epoch", "50").reload()
    expect(page.field("Stop at epoch")).to_have_value("50")
    start = page.experiment()
    stops(page, start, 50, "epoch 50 has been reached")
