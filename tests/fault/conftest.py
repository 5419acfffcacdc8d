"""How much of each fault test is run."""

from collections.abc import Callable

import pytest


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """Choose between the number of rounds of the quick form and that of `--soak`."""
    soak = request.config.getoption("--soak")
    return lambda quick, long: long if soak else quick
