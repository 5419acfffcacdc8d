"""How far the engine's preparation is: never backwards, never further than what is done."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nnvisu import engine
from nnvisu.engine.preparation import Estimate

COLD = """
from nnvisu import engine
told = []
engine.prepare(told.append)
print(*told)
"""


def test_parts_are_told_by_their_measured_sizes_and_the_time_they_have_had() -> None:
    estimate = Estimate({"small": 1.0, "large": 3.0}, now_s=100.0)
    assert estimate.share(100.0) == 0
    assert estimate.share(100.5) == pytest.approx(0.5 / 4)
    # Not done, however long it takes.
    assert estimate.share(107.0) == pytest.approx(1 / 4)
    estimate.part_done("no part", 101.0)
    estimate.part_done("small", 102.0)
    assert estimate.share(102.0) == pytest.approx(1 / 4)
    # The first part took twice its time: so will the second.
    assert estimate.share(105.0) == pytest.approx(2.5 / 4)
    assert estimate.share(999.0) == pytest.approx(1)
    estimate.part_done("large", 109.0)
    assert estimate.share(109.0) == 1


def test_preparing_again_is_told_from_beginning_to_end() -> None:
    told: list[float] = []
    engine.prepare(told.append)
    assert (told[0], told[-1]) == (0, 1)
    assert told == sorted(told)


def test_a_first_compilation_is_told_in_many_small_steps(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", COLD],
        env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    told = [float(share) for share in result.stdout.split()]
    assert (told[0], told[-1]) == (0, 1)
    assert told == sorted(told)
    assert len(set(told)) > 10
    # Numba's passes are called what they were: three of four parts were seen to end.
    assert told[-2] > 0.45
