"""Two tabs of one browser: one Local Storage, two experiments."""

import re

from playwright.sync_api import BrowserContext, expect

from tests.e2e import offline
from tests.e2e.conftest import Open
from tests.e2e.instrument import Instrument
from tests.support.server import ServerProcess


def test_two_tabs_train_at_once_and_independently(
    open_at: Open, shared_server: ServerProcess
) -> None:
    first, second = (open_at(shared_server.url) for _ in range(2))
    second.type("Hidden layers", "6-4").generate("Blobs").settled()
    second.type("Seed", "9").press("Reset model")
    second.wait("() => window.nnvisu.experiment().weights.seed === 9")
    starts = [tab.experiment() for tab in (first, second)]
    assert starts[0]["data"] != starts[1]["data"]
    assert starts[0]["weights"] != starts[1]["weights"]

    for tab in (first, second):
        tab.at_full_speed().train()
    for tab in (first, second):
        tab.wait_for_epoch(300)
    for tab in (first, second):
        tab.pause()
    for tab, start in zip((first, second), starts, strict=True):
        found = tab.experiment()
        offline.assert_equal(found, offline.trained(start, found["epoch"]))

    texts = [tab.text() for tab in (first, second)]
    for tab, text in zip((second, first), reversed(texts), strict=True):
        tab.reload()
        assert tab.text() == text


def test_a_second_tab_opens_a_copy_and_shows_a_notice(
    open_at: Open, shared_server: ServerProcess
) -> None:
    first = open_at(shared_server.url)
    first.type("Learning rate", "0.02").press("Step").wait_for_epoch(1)
    second = open_at(shared_server.url)
    assert second.text() == first.text()
    expect(second.page.get_by_text(re.compile("copy", re.IGNORECASE)).first).to_be_visible()
    second.type("Learning rate", "0.5")
    second.reload()
    assert second.experiment()["config"]["learning_rate"] == 0.5
    first.reload()
    assert first.experiment()["config"]["learning_rate"] == 0.02


def test_a_duplicated_tab_does_not_share(
    context: BrowserContext, open_at: Open, shared_server: ServerProcess
) -> None:
    first = open_at(shared_server.url)
    with context.expect_page() as opening:
        first.page.evaluate("() => { window.open(location.href); }")
    second = Instrument(opening.value, shared_server.url).ready()
    second.type("Learning rate", "0.5")
    second.wait("() => window.nnvisu.experiment().config.learning_rate === 0.5")
    first.reload()
    assert first.experiment()["config"]["learning_rate"] == 0.01


def test_a_closed_tab_s_experiment_is_reopened(open_at: Open, shared_server: ServerProcess) -> None:
    first = open_at(shared_server.url)
    first.press("Clear data").draw([(0.25, 0.5, 3)])
    text = first.text()
    first.page.close()
    assert open_at(shared_server.url).text() == text
