"""The example in the library's documentation runs and prints its documented output."""

import doctest

from nnvisu import engine


def test_the_documented_example_prints_its_output() -> None:
    results = doctest.testmod(engine)
    assert results.attempted == 8
    assert results.failed == 0
