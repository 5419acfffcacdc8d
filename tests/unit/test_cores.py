"""How many processors may be used, with and without a container's limit."""

import os
from pathlib import Path

import pytest

from nnvisu.cores import cores

ALL = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


@pytest.mark.parametrize(
    ("limit", "number"),
    [
        ("max 100000\n", ALL),
        ("50000 100000\n", 1),
        ("100000 100000\n", 1),
        (f"{64 * 100000} 100000\n", ALL),
        ("nonsense", ALL),
        ("", ALL),
    ],
)
def test_a_containers_limit_counts(tmp_path: Path, limit: str, number: int) -> None:
    quota = tmp_path / "cpu.max"
    quota.write_text(limit)
    assert cores(quota) == number


def test_without_a_container_all_are_used(tmp_path: Path) -> None:
    assert cores(tmp_path / "nothing") == ALL


@pytest.mark.skipif((ALL or 1) < 2, reason="a part of a processor is seen only among several")
def test_a_limit_is_rounded_up(tmp_path: Path) -> None:
    quota = tmp_path / "cpu.max"
    quota.write_text("110000 100000\n")
    assert cores(quota) == 2
