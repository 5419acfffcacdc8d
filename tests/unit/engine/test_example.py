"""The example in the library's own documentation runs, and says what it is said to say."""

import doctest

from nnvisu import engine


def test_the_example_does_what_it_says() -> None:
    results = doctest.testmod(engine)
    assert results.attempted == 8
    assert results.failed == 0
