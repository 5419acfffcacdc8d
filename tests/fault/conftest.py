"""How much of each fault test is run, and the figures that it found."""

from collections.abc import Callable

import pytest

_FIGURE = "figure"


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """Choose between the number of rounds of the quick form and that of `--soak`."""
    soak = request.config.getoption("--soak")
    return lambda quick, long: long if soak else quick


@pytest.fixture
def note(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Note a figure, to be shown at the end of the run."""
    return lambda figure: record_property(_FIGURE, figure)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what was noted, by whichever process ran the test."""
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
