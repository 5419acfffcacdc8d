"""Fixtures that several folders of tests share."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings

from tests.support.client import Client, connected
from tests.support.server import ServerProcess, running

# Without a deadline: the time of an example depends on the machine.
settings.register_profile("quick", deadline=None)
settings.register_profile("long", max_examples=2000, deadline=None)
settings.load_profile("quick")
_FIGURE = "figure"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options --soak and --browser."""
    parser.addoption("--soak", action="store_true", help="run the long form of tests that have one")
    parser.addoption(
        "--browser",
        choices=("chromium", "firefox", "webkit"),
        help="run all browser tests in this browser, instead of all in Chromium and some in others",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With --soak, deselect the tests without a long form."""
    if config.getoption("--soak"):
        short = [item for item in items if "rounds" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=short)
        items[:] = [item for item in items if item not in short]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests noted, from all processes."""
    figures = [
        f"{report.nodeid.rpartition('::')[2]}: {value}"
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        for name, value in report.user_properties
        if name == _FIGURE
    ]
    if figures:
        terminalreporter.section("figures")
        for figure in figures:
            terminalreporter.line(figure)


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """A function that returns its first argument, or its second with `--soak`."""
    soak = request.config.getoption("--soak")
    return lambda quick, long: long if soak else quick


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """A function that notes a figure, which is printed at the end of the run."""
    # Not `record_property`, which some --junitxml schemas reject.
    return lambda figure: request.node.user_properties.append((_FIGURE, figure))


@pytest.fixture(scope="session")
def shared_server() -> Iterator[ServerProcess]:
    """A server that all tests share; no test may end it."""
    with running() as server:
        yield server


@pytest.fixture
def server() -> Iterator[ServerProcess]:
    """A server of the test's own, which it may kill and restart."""
    with running() as server:
        yield server


@pytest.fixture
def client(shared_server: ServerProcess) -> Iterator[Client]:
    """A connection to the shared server."""
    with connected(shared_server) as client:
        yield client
