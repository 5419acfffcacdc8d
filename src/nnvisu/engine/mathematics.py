"""Functions of a vector: exponential, hyperbolic tangent, sine and cosine, random bits.

The coefficients were fitted for this engine: weighted least squares, repeated until the largest
relative error is smallest. docs/numerics.md has the errors, measured over all of float32. The page
has the same functions (static/js/model/float32.js) for its figures.
"""

import math

import numpy as np

from nnvisu.engine.compilation import Doubles, helper
from nnvisu.engine.random_numbers import PARITY
from nnvisu.engine.vector import (
    Vector,
    fma,
    nearest,
    power_of_two,
    rotate,
    splat,
    where_greater,
    words,
)


def powers_of(base: float) -> Doubles:
    """Return base^0 to base^255, then the same of base^256: for `tabled_power`."""
    powers = [1.0]
    for _ in range(256):
        powers.append(powers[-1] * base)
    large = [1.0]
    for _ in range(255):
        large.append(large[-1] * powers[256])
    return np.array(powers[:256] + large)


@helper
def exponential(x: Vector) -> Vector:
    """Return e^x for x <= 88; e^-87, near the smallest normal number, for x below -87.

    x is split into n ln 2 + r with |r| <= ln 2 / 2, so that e^x is 2^n e^r.
    """
    x = where_greater(splat(-87.0), x, splat(-87.0), x)
    n = nearest(x * splat(1.4426950408889634))
    # ln 2 in two parts, the first short enough for its product with n to be exact.
    r = fma(n, splat(-0.693359375), x)
    r = fma(n, splat(2.12194440e-4), r)
    p = fma(splat(0.0013814439659389332), r, splat(0.008368733884564201))
    p = fma(p, r, splat(0.041668391361927834))
    p = fma(p, r, splat(0.16666520499730658))
    p = fma(p, r, splat(0.49999993434500567))
    return fma(p * r, r, r + splat(1.0)) * power_of_two(n)


@helper
def hyperbolic_tangent(x: Vector) -> Vector:
    """Return tanh x: a rational function of x, which is cut off at -9 and 9."""
    x = where_greater(splat(-9.0), x, splat(-9.0), where_greater(x, splat(9.0), splat(9.0), x))
    t = x * x
    p = fma(splat(1.3318016311190679e-08), t, splat(2.0582792211144524e-05))
    p = fma(p, t, splat(0.0034939964847312947))
    p = fma(p, t, splat(0.13379687293623366))
    p = fma(p, t, splat(0.9999999790902437))
    q = fma(splat(7.761607732774077e-07), t, splat(0.0003283027783540542))
    q = fma(q, t, splat(0.025870932679716928))
    q = fma(q, t, splat(0.46713002580752055))
    q = fma(q, t, splat(1.0))
    # Rounding may give more than 1, which would make the derivative 1 - tanh^2 negative.
    a = x * p / q
    return where_greater(splat(-1.0), a, splat(-1.0), where_greater(a, splat(1.0), splat(1.0), a))


@helper
def sine_and_cosine(x: Vector) -> tuple[Vector, Vector]:
    """Return sin x and cos x, to an absolute error that grows with x as float32's spacing does.

    x is split into n pi + r with |r| <= pi / 2; an odd n changes both signs.
    """
    n = nearest(x * splat(0.3183098861837907))
    # pi in three parts, the first two short enough for their products with n to be exact.
    r = fma(n, splat(-3.140625), x)
    r = fma(n, splat(-9.67502593994140625e-4), r)
    r = fma(n, splat(-1.509957990978376432e-7), r)
    half = n * splat(0.5)
    odd = half - nearest(half)
    sign = fma(odd * splat(-8.0), odd, splat(1.0))
    # For very large x, where float32 has no digits left for r, keep r bounded.
    limit = splat(2.0)
    r = where_greater(r, limit, limit, where_greater(splat(0.0) - limit, r, splat(0.0) - limit, r))
    t = r * r
    s = fma(splat(2.60576533599121e-06), t, splat(-0.00019809596584325492))
    s = fma(s, t, splat(0.008333066168728228))
    s = fma(s, t, splat(-0.16666659547788193))
    c = fma(splat(-2.619369094871677e-07), t, splat(2.4769298435552193e-05))
    c = fma(c, t, splat(-0.001388856907725292))
    c = fma(c, t, splat(0.0416666557694025))
    c = fma(c, t, splat(-0.5))
    return sign * fma(s * t, r, r), sign * fma(c, t, splat(1.0))


@helper
def random_words(seed: int, purpose: int, low: Vector, high: int) -> Vector:
    """Return the first word of Threefry-2x32-20 for the counters (low, high).

    random_numbers.py has the source.
    """
    key0, key1, key2 = words(seed), words(purpose), words(seed ^ purpose ^ PARITY)
    a, b = low + key0, words(high) + key1
    for group in range(5):
        odd = group % 2 == 1
        a = a + b
        b = a ^ rotate(b, 17 if odd else 13)
        a = a + b
        b = a ^ rotate(b, 29 if odd else 15)
        a = a + b
        b = a ^ rotate(b, 16 if odd else 26)
        a = a + b
        b = a ^ rotate(b, 24 if odd else 6)
        a = a + key1
        b = b + key2 + words(group + 1)
        key0, key1, key2 = key1, key2, key0
    return a


@helper
def whole_power(base: float, exponent: int) -> float:
    """Return base to the power of a whole number from 0 on, by repeated squaring in float64."""
    power = 1.0
    while exponent > 0:
        if exponent & 1:
            power *= base
        base *= base
        exponent >>= 1
    return power


@helper
def falling_cosine(share: float) -> float:
    """Return cos(pi * share) for a share from 0 to 1, in float64."""
    # cos(pi s) = sin(pi (1/2 - s)), a Taylor series with |x| <= pi / 2.
    x = math.pi * (0.5 - share)
    square = x * x
    total = 1.0
    for k in range(11, 0, -1):
        total = 1.0 - total * square / float(2 * k * (2 * k + 1))
    return x * total


@helper
def tabled_power(powers: Doubles, exponent: int) -> float:
    """Return a base, below 1, to the power of a whole number; ``powers`` as of `powers_of`.

    From 65536 on it is 0: what is subtracted from 1 would no longer change it.
    """
    if exponent >= 65536:
        return 0.0
    return float(powers[exponent & 255] * powers[256 + (exponent >> 8)])


@helper
def logarithm_of_one_plus(x: Vector) -> Vector:
    """Return ln(1 + x) for x from 0 to 10.

    1 + x is 2^n (1 + f) with f from -0.3 to 0.42, and ln(1 + f) is a series of f / (2 + f).
    """
    one, two = splat(1.0), splat(2.0)
    scale, n = one, splat(0.0)
    for bound in (0.41421356, 1.8284271, 4.656854):
        above = splat(bound)
        scale = where_greater(x, above, scale + scale, scale)
        n = where_greater(x, above, n + one, n)
    f = (x - (scale - one)) / scale
    s = f / (two + f)
    square = s * s
    p = fma(splat(1.0 / 9.0), square, splat(1.0 / 7.0))
    p = fma(p, square, splat(0.2))
    p = fma(p, square, splat(1.0 / 3.0))
    p = fma(p * square, s + s, s + s)
    # ln 2 in two parts, the first short enough for its product with n to be exact.
    return fma(n, splat(0.693359375), fma(n, splat(-2.12194440e-4), p))
