"""How much of each fault test is run, and the figures that it found."""

from collections.abc import Callable

import pytest

FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """Choose between the number of rounds of the quick form and that of `--soak`."""
    soak = request.config.getoption("--soak")
    return lambda quick, long: long if soak else quick


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Note a figure, to be shown at the end of the run."""
    figures = request.config.stash.setdefault(FIGURES, [])
    return lambda figure: figures.append(f"{request.node.name}: {figure}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what was noted."""
    if figures := terminalreporter.config.stash.get(FIGURES, []):
        terminalreporter.section("figures")
        for figure in figures:
            terminalreporter.line(figure)
