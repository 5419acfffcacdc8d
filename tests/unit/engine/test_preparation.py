"""The progress of the engine's preparation never decreases and never exceeds the finished work."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nnvisu import engine
from nnvisu.engine.preparation import Estimate

COLD = """
from nnvisu import engine
reported = []
engine.prepare(reported.append)
print(*reported)
"""


def test_progress_weights_parts_by_measured_duration_and_elapsed_time() -> None:
    estimate = Estimate({"small": 1.0, "large": 3.0}, now_s=100.0)
    assert estimate.share(100.0) == 0
    assert estimate.share(100.5) == pytest.approx(0.5 / 4)
    # Never complete, however long it takes.
    assert estimate.share(107.0) == pytest.approx(1 / 4)
    estimate.part_done("no part", 101.0)
    estimate.part_done("small", 102.0)
    assert estimate.share(102.0) == pytest.approx(1 / 4)
    # The first part took twice its expected time, so the second is expected to as well.
    assert estimate.share(105.0) == pytest.approx(2.5 / 4)
    assert estimate.share(999.0) == pytest.approx(1)
    estimate.part_done("large", 109.0)
    assert estimate.share(109.0) == 1


def test_a_second_preparation_reports_progress_from_0_to_1() -> None:
    reported: list[float] = []
    engine.prepare(reported.append)
    assert (reported[0], reported[-1]) == (0, 1)
    assert reported == sorted(reported)


def test_a_first_compilation_reports_many_small_steps(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", COLD],
        env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    reported = [float(share) for share in result.stdout.split()]
    assert (reported[0], reported[-1]) == (0, 1)
    assert reported == sorted(reported)
    assert len(set(reported)) > 10
    # Numba's passes have the expected names: the ends of three of four parts were recognised.
    assert reported[-2] > 0.45
