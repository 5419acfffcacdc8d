"""The functions of float64, against the C library's, whose error is about 1e-16."""

import math

import numpy as np
import pytest

from nnvisu.engine import mathematics, real_functions
from nnvisu.engine.compilation import Floats, kernel
from nnvisu.engine.updates import SECOND
from nnvisu.engine.vector import LANES, load, store

RELATIVE = 2e-15


def test_sine_and_cosine_are_accurate() -> None:
    x = np.concatenate([np.linspace(-7, 7, 20_001), np.linspace(-1e5, 1e5, 999)])
    sine, cosine = real_functions.sine_and_cosine(x)
    np.testing.assert_allclose(sine, np.sin(x), rtol=RELATIVE, atol=RELATIVE)
    np.testing.assert_allclose(cosine, np.cos(x), rtol=RELATIVE, atol=RELATIVE)
    assert float(real_functions.sine_and_cosine(0.5)[0]) == pytest.approx(math.sin(0.5), rel=1e-15)


def test_exponential_is_accurate() -> None:
    x = np.linspace(-700, 700, 20_001)
    np.testing.assert_allclose(real_functions.exponential(x), np.exp(x), rtol=RELATIVE)


def test_logarithms_are_accurate() -> None:
    x = np.concatenate([np.logspace(-300, 300, 5001), np.linspace(0.5, 2, 5001)])
    np.testing.assert_allclose(real_functions.logarithm(x), np.log(x), rtol=RELATIVE, atol=RELATIVE)
    small = np.concatenate([np.logspace(-18, 3, 5001), -np.logspace(-18, -0.001, 5001), [0.0]])
    np.testing.assert_allclose(
        real_functions.logarithm_of_one_plus(small), np.log1p(small), rtol=RELATIVE
    )


@kernel
def scalars(share: float, exponent: int) -> tuple[float, float, float]:
    """Call the kernels' functions of one number."""
    return (
        mathematics.falling_cosine(share),
        mathematics.whole_power(0.999, exponent),
        mathematics.tabled_power(SECOND, exponent),
    )


@pytest.mark.parametrize("share", [0.0, 1e-9, 0.1, 0.25, 0.5, 0.75, 1.0])
@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 1000, 10**6])
def test_the_kernels_functions_of_one_number_are_accurate(share: float, exponent: int) -> None:
    cosine, power, rest = scalars(share, exponent)
    assert cosine == pytest.approx(math.cos(math.pi * share), abs=1e-15)
    assert power == pytest.approx(0.999**exponent, rel=1e-13)
    assert 1 - rest == pytest.approx(1 - 0.999**exponent, rel=1e-13)


@kernel
def logarithms(numbers: Floats) -> None:
    """Replace each number by ln(1 + x)."""
    for at in range(0, len(numbers), LANES):
        store(numbers, at, mathematics.logarithm_of_one_plus(load(numbers, at)))


def test_the_logarithm_of_vectors_is_accurate() -> None:
    x = np.concatenate([np.linspace(0, 9.5, 16_000), np.logspace(-30, 0.9, 16_000)])
    x = x.astype(np.float32)
    found = x.copy()
    logarithms(found)
    np.testing.assert_allclose(found, np.log1p(x.astype(np.float64)), rtol=2.5e-7)
