"""The number of usable processors, with and without a container's limit."""

import os
from pathlib import Path

import pytest

from nnvisu.processes.cpu_count import cpu_count

ALL = (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()) or 1
SECOND = ("cpu.max",)
FIRST = ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")


@pytest.mark.parametrize(
    ("files", "texts", "number"),
    [
        (SECOND, ["max 100000\n"], ALL),
        (SECOND, ["50000 100000\n"], 1),
        (SECOND, ["100000 100000\n"], 1),
        (SECOND, ["110000 100000\n"], min(2, ALL)),
        (SECOND, [f"{1000 * 100000} 100000\n"], ALL),
        (SECOND, ["nonsense"], ALL),
        (SECOND, ["5 0"], ALL),
        (SECOND, [""], ALL),
        (FIRST, ["-1\n", "100000\n"], ALL),
        (FIRST, ["50000\n", "100000\n"], 1),
        (FIRST, ["200000\n", "100000\n"], min(2, ALL)),
        (FIRST[:1], ["50000\n"], ALL),
        ((), [], ALL),
    ],
)
def test_a_container_limit_is_respected(
    tmp_path: Path, files: tuple[str, ...], texts: list[str], number: int
) -> None:
    (tmp_path / "cpu").mkdir()
    for file, text in zip(files, texts, strict=True):
        (tmp_path / file).write_text(text)
    assert cpu_count(tmp_path) == number
