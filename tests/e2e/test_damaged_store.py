"""Damaged Local Storage: intact parts are restored, and lost parts are reported."""

import random
import statistics
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.instrument import Instrument
from tests.e2e.stores import SPOILS, Store
from tests.support.server import ServerProcess

NAME = "Lesson"
PARTS = {
    "settings": "the settings of the data",
    "data/classification": "the points",
    "run/1": "the settings of the network and of its training",
    "view": "the view's settings",
}
GROUPS = 10
"""Each group has its own cases, so that the long form can be run in parts."""
STARTED_S = 1.0
MARGIN = 2.5

ASIDE = "Damaged in this browser's storage, and kept aside"
MISSING = "Missing from this browser's storage"

# Records when the page has started, which is when its map is in the document.
CLOCK = """new MutationObserver((_, observer) => {
  if (!document.querySelector("[role=application]")) return;
  window.started_ms = performance.now();
  observer.disconnect();
}).observe(document, { childList: true, subtree: true });"""

READ = "() => Object.fromEntries(Object.entries(localStorage))"
REPLACE = """(store) => {
  sessionStorage.clear();
  localStorage.clear();
  for (const [key, text] of Object.entries(store)) localStorage.setItem(key, text);
}"""
STORED = """() => {
  const { line, newest } = window.nnvisu.document().runs[0];
  const stored = (id) => Object.keys(localStorage).some((key) => key.endsWith(`/run/1/${id}`));
  const head = Object.entries(localStorage).find(([key]) => key.endsWith("/run/1"))?.[1] ?? "";
  return line.length > 10 && newest === null && line.every(({ id }) => stored(id))
    && head.includes(`,${line.at(-1).id}]`);
}"""


def part_of(key: str) -> str:
    """Return a key without its experiment's name."""
    return key.split("/", 2)[-1]


def is_moment(key: str) -> bool:
    """Return whether a key is that of a moment."""
    return part_of(key).startswith("run/1/")


@pytest.fixture(scope="module")
def page(browser: Browser, shared_server: ServerProcess) -> Iterator[Instrument]:
    """One page, reloaded for each case."""
    context = browser.new_context()
    context.set_default_timeout(60_000)
    instrument = Instrument(context.new_page(), shared_server.url)
    instrument.page.add_init_script(CLOCK)
    # Firefox asks for it on every page, also on one whose policy forbids it.
    instrument.watch.expect(r"favicon\.ico")
    yield instrument
    context.close()


@pytest.fixture(scope="module")
def sound(page: Instrument) -> tuple[Store, dict[str, Any]]:
    """An intact store, and the experiment in it."""
    page.open()
    page.type("Hidden layers", "6-4").type("Learning rate", "0.02").settled()
    page.train().wait_for_epoch(40).pause()
    page.wait(STORED)
    experiment = page.experiment()
    found: Store = page.page.evaluate(READ)
    old = next(key.split("/")[1] for key in found if key.endswith("/settings"))
    # The preferences are no part of an experiment.
    own = {key: text for key, text in found.items() if key.startswith("nnvisu/")}
    store = {key.replace(f"/{old}/", f"/{NAME}/"): text for key, text in own.items()}
    newest = max(filter(is_moment, store), key=lambda key: int(key.rpartition("/")[2]))
    return store, {**experiment, "newest": part_of(newest)}


def spoilt(store: Store, generator: random.Random) -> tuple[Store, dict[str, str | None]]:
    """Damage one to four keys; return the store, and the damaged text of each."""
    moments = [key for key in store if is_moment(key)]
    others = [key for key in store if key not in moments]
    chosen = generator.sample([*others, *generator.sample(moments, 2)], generator.randint(1, 4))
    found = {key: SPOILS[generator.choice(list(SPOILS))](store[key], generator) for key in chosen}
    kept = {key: text for key, text in store.items() if key not in found}
    return kept | {key: text for key, text in found.items() if text is not None}, found


def expected(found: dict[str, str | None]) -> dict[str, tuple[set[str], int]]:
    """Return the parts, and the number of moments, that each notice must name."""
    notices = {}
    for notice, is_missing in ((ASIDE, False), (MISSING, True)):
        keys = [key for key, text in found.items() if (text is None) == is_missing]
        notices[notice] = (
            {part_of(key) for key in keys} & set(PARTS),
            sum(map(is_moment, keys)),
        )
    # Missing moments are unknown without the head, which lists them.
    if f"nnvisu/{NAME}/run/1" in found:
        notices[MISSING] = (notices[MISSING][0], 0)
    return notices


def check(page: Instrument, store: Store, found: dict[str, str | None]) -> None:
    """Check the page's notices and stored keys against the damage."""
    alerts = page.page.get_by_role("alert").all_inner_texts()
    for notice, (parts, moments) in expected(found).items():
        said = " ".join(text for text in alerts if notice in text)
        named = {part for part, name in PARTS.items() if name in said}
        assert named == parts, (notice, alerts)
        count = {0: "", 1: "1 recorded moment", 2: "2 recorded moments"}[moments]
        assert count in said, (notice, alerts)
    now: Store = page.page.evaluate(READ)
    for key, text in found.items():
        if text is not None and not key.endswith("/index"):
            assert now[f"{key}.damaged"] == text, key
    assert set(now) >= {key for key in store if not is_moment(key)}


def check_what_is_sound(
    page: Instrument, experiment: dict[str, Any], found: dict[str, str | None]
) -> None:
    """Check that the intact parts are restored."""
    lost = {part_of(key) for key in found}
    back = page.experiment()
    if not {"settings", "run/1"} & lost:
        assert back["config"] == experiment["config"]
    if "data/classification" not in lost:
        assert back["data"] == experiment["data"]
    if not {"run/1", experiment["newest"]} & lost:
        assert back["weights"] == experiment["weights"]
        assert back["optimiser"] == experiment["optimiser"]
        assert back["epoch"] == experiment["epoch"]
    assert back["epoch"] > 0


@pytest.mark.parametrize("group", range(GROUPS))
def test_intact_parts_are_restored_and_lost_parts_are_reported(
    page: Instrument,
    sound: tuple[Store, dict[str, Any]],
    shared_server: ServerProcess,
    rounds: Callable[[int, int], int],
    note: Callable[[str], None],
    group: int,
) -> None:
    store, experiment = sound
    started_s = []
    for number in range(rounds(4, 100)):
        seed = 1000 * group + number
        damaged, found = spoilt(store, random.Random(seed))
        page.page.goto(f"{shared_server.url}icon.svg")
        page.page.evaluate(REPLACE, damaged)
        page.open()
        started_s.append(page.page.evaluate("window.started_ms") / 1000)
        assert page.watch.verdict() == [], seed
        check(page, store, found)
        check_what_is_sound(page, experiment, found)
        if f"nnvisu/{NAME}/data/classification" in found:
            page.generate("Circles").settled()
        epoch = page.epoch
        page.press("Step").wait_for_epoch(epoch + 1)
        expect(page.status("Epoch")).to_have_text(str(epoch + 1))
    median_s = statistics.median(started_s)
    note(f"started within {median_s:.2f} s (median), {max(started_s):.2f} s (all)")
    assert median_s < STARTED_S * MARGIN


@pytest.mark.parametrize(
    "text", ['{"undo":[', "null", "{}", "7", '{"undo":[{"place":"x"}],"redo":1}']
)
def test_damage_to_what_the_tab_remembers_does_not_matter(page: Instrument, text: str) -> None:
    page.train().wait_for_epoch(5).pause()
    before = page.text()
    page.page.evaluate("text => sessionStorage.setItem('nnvisu/deletions', text)", text)
    page.page.evaluate("() => sessionStorage.setItem('nnvisu', '')")
    assert page.reload().text() == before
    assert page.reload().text() == before
