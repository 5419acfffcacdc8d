"""Random bits against the known answers published by the generator's authors."""

import numpy as np
import pytest

from nnvisu.engine.random_numbers import random_bits, uniform

# (counter, key, result) of threefry2x32, 20 rounds, from Random123's kat_vectors.
KNOWN_ANSWERS = [
    ((0x00000000, 0x00000000), (0x00000000, 0x00000000), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
    ((0x243F6A88, 0x85A308D3), (0x13198A2E, 0x03707344), (0xC4923A9C, 0x483DF7A0)),
]


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN_ANSWERS)
def test_known_answers(
    counter: tuple[int, int], key: tuple[int, int], expected: tuple[int, int]
) -> None:
    low, high = (np.array([word], np.uint32) for word in counter)
    words = random_bits(*key, low, high)
    assert tuple(int(word[0]) for word in words) == expected


def test_uniform_numbers_are_uniform_and_never_0_or_1() -> None:
    counter = np.arange(20_000, dtype=np.uint32)
    numbers = np.sort(uniform(7, 4, counter, np.zeros_like(counter)).ravel())
    assert 0 < numbers[0] < numbers[-1] < 1
    distance = np.abs(numbers - np.arange(1, numbers.size + 1) / numbers.size).max()
    assert distance < 1.63 / np.sqrt(numbers.size)
