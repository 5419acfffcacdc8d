"""A first visit: an example is shown at once, and Train works at the first click."""

from playwright.sync_api import expect

from tests.e2e import offline
from tests.e2e.instrument import Instrument


def test_the_title_says_nnvisu(page: Instrument) -> None:
    assert "nnvisu" in page.page.title()


def test_an_example_is_prepared(page: Instrument) -> None:
    experiment = page.experiment()
    assert experiment["data"]["origin"]["distribution"] == "moons"
    assert [len(offline.points(experiment, part)) for part in (0, 1)] == [160, 40]
    assert experiment["config"]["hidden_layers"] == [10, 5]
    expect(page.field("Hidden layers")).to_have_value("10-5")
    expect(page.status("Epoch")).to_have_text("0")


def test_train_works_at_the_first_click(page: Instrument) -> None:
    page.train().wait_for_epoch(20).pause()
    assert page.figure("Epoch") == page.epoch >= 20
    assert page.figure("Training loss") > 0


def test_step_is_one_epoch(page: Instrument) -> None:
    page.press("Step").wait_for_epoch(1)
    expect(page.status("Epoch")).to_have_text("1")
    page.press("Step").wait_for_epoch(2)
    expect(page.status("Epoch")).to_have_text("2")
    expect(page.button("Train")).to_be_visible()


def test_reset_model_restarts_from_the_seed_if_it_is_kept(page: Instrument) -> None:
    page.page.get_by_role("checkbox", name="Keep seed").check()
    fresh = page.experiment()
    page.press("Step").wait_for_epoch(1)
    assert page.experiment()["weights"] != fresh["weights"]
    page.press("Reset model")
    expect(page.status("Epoch")).to_have_text("0")
    page.settled()
    assert page.experiment() == fresh


def test_another_seed_gives_other_weights(page: Instrument) -> None:
    fresh = page.experiment()["weights"]["parameters"]
    page.type("Seed", "2").press("Reset model")
    page.wait("fresh => window.nnvisu.experiment().weights.parameters !== fresh", fresh)


def test_every_reset_takes_another_seed_and_undo_restores_it(page: Instrument) -> None:
    seen = [page.experiment()]
    for _ in range(4):
        page.press("Reset model")
        page.wait(
            "seed => window.nnvisu.experiment().weights.seed !== seed", seen[-1]["weights"]["seed"]
        )
        seen.append(page.settled().experiment())
    assert len({one["weights"]["parameters"] for one in seen}) == 5
    assert [one["weights"]["seed"] for one in seen] == [one["config"]["seed"] for one in seen]
    for before in reversed(seen[:-1]):
        page.press("Undo")
        assert page.experiment() == before


def test_a_typed_seed_is_kept(page: Instrument) -> None:
    keep = page.page.get_by_role("checkbox", name="Keep seed")
    expect(keep).not_to_be_checked()
    page.type("Seed", "17")
    expect(keep).to_be_checked()
    page.press("Reset model").wait("() => window.nnvisu.experiment().weights.seed === 17")


def test_every_area_is_shown(page: Instrument) -> None:
    for role in ("banner", "contentinfo"):
        expect(page.page.get_by_role(role)).to_be_visible()
    for name in ("Data", "Network", "Decision map", "Training", "Chart"):
        expect(page.page.get_by_role("region", name=name, exact=True)).to_be_visible()


def test_the_connection_state_is_shown(page: Instrument) -> None:
    expect(page.status("Connection")).to_have_text("connected")


def test_the_experiment_is_frozen(page: Instrument) -> None:
    assert page.page.evaluate(
        """() => {
          const frozen = (value) => value === null || typeof value !== "object"
            || (Object.isFrozen(value) && Object.values(value).every(frozen));
          return frozen(window.nnvisu.experiment());
        }"""
    )


def test_a_test_runs_in_the_browser_of_its_name(page: Instrument, browser_name: str) -> None:
    agent = page.page.evaluate("navigator.userAgent")
    assert ("Firefox" in agent) == (browser_name == "firefox")
