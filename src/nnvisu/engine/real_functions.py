"""Functions of float64 whose results have the same bits on every processor.

NumPy and the C library choose other code on other processors, with other last digits. These
functions use only operations that IEEE 754 rounds exactly: + - * / and whole powers of two. They
take numbers and arrays alike. Their relative error is about 1e-15, which the tests measure.
"""

from math import factorial
from typing import Any

import numpy as np

Real = Any
"""A float, or an array of float64."""

LN2_HIGH, LN2_LOW = float.fromhex("0x1.62e42fee00000p-1"), float.fromhex("0x1.a39ef35793c76p-33")
"""ln 2 in two parts, the first short enough for its product with a whole number to be exact."""
_HALF_PI = (
    float.fromhex("0x1.921fb54000000p+0"),
    float.fromhex("0x1.10b4610000000p-30"),
    float.fromhex("0x1.a62633145c06ep-58"),
)
"""pi / 2 in three parts, the first two short, likewise."""
_SINE = [(-1) ** k / factorial(2 * k + 1) for k in range(10)]
_COSINE = [(-1) ** k / factorial(2 * k) for k in range(10)]
_EXPONENTIAL = [1 / factorial(k) for k in range(16)]
_ARTANH = [1 / (2 * k + 1) for k in range(13)]
_SQRT_HALF = 0.7071067811865476


def _polynomial(coefficients: list[float], x: Real) -> Real:
    """Evaluate a polynomial by Horner's rule; the lowest coefficient comes first."""
    total: Real = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        total = total * x + coefficient
    return total


def sine_and_cosine(x: Real) -> tuple[Real, Real]:
    """Return sin x and cos x, for |x| below 1e6."""
    turns = np.rint(x / _HALF_PI[0])
    r = x
    for part in _HALF_PI:
        r = r - turns * part
    square = r * r
    sine, cosine = r * _polynomial(_SINE, square), _polynomial(_COSINE, square)
    quarter = turns - 4 * np.floor(turns / 4)
    swapped = (quarter == 1) | (quarter == 3)
    return (
        np.where(swapped, cosine, sine) * np.where(quarter >= 2, -1.0, 1.0),
        np.where(swapped, sine, cosine) * np.where((quarter == 1) | (quarter == 2), -1.0, 1.0),
    )


def exponential(x: Real) -> Real:
    """Return e^x, for x from -700 to 700."""
    n = np.rint(x / LN2_HIGH)
    r = (x - n * LN2_HIGH) - n * LN2_LOW
    return np.ldexp(_polynomial(_EXPONENTIAL, r), n.astype(np.int64))


def logarithm(x: Real) -> Real:
    """Return ln x, for positive normal numbers."""
    mantissa, exponent = np.frexp(x)
    small = mantissa < _SQRT_HALF
    mantissa, exponent = np.where(small, 2 * mantissa, mantissa), exponent - small
    s = (mantissa - 1) / (mantissa + 1)
    return exponent * LN2_HIGH + (exponent * LN2_LOW + 2 * s * _polynomial(_ARTANH, s * s))


def logarithm_of_one_plus(x: Real) -> Real:
    """Return ln(1 + x), accurately for small x as well; for x above -1.

    Source: Goldberg, "What every computer scientist should know about floating-point arithmetic",
    ACM Computing Surveys 23, 1991, theorem 4 (by Kahan).
    """
    total = 1 + np.asarray(x, np.float64)
    step = np.where(total == 1, 1.0, total - 1)
    return np.where(total == 1, x, logarithm(total) * x / step)
