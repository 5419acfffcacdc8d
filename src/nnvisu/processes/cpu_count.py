"""How many processors this process may use: CPU affinity and container limits."""

import os
from math import ceil
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
"""Where Linux keeps a container's CPU quota, in microseconds a period.

Version 2: https://docs.kernel.org/admin-guide/cgroup-v2.html, with ``max`` for no limit.
Version 1: https://docs.kernel.org/scheduler/sched-bwc.html, with -1 for no limit.
"""
_FILES = (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"))


def cpu_count(cgroup: Path = CGROUP) -> int:
    """Count the processors; a quota of one and a half counts as two."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    limits = [limit for files in _FILES if (limit := _limit(cgroup, files))]
    return min([bound or 1, *limits])


def _limit(cgroup: Path, files: tuple[str, ...]) -> int | None:
    """Read a container's quota in processors, rounded up; None without one."""
    try:
        quota, period = " ".join((cgroup / file).read_text() for file in files).split()
        return ceil(int(quota) / int(period)) if int(quota) > 0 else None
    except (OSError, ValueError, ZeroDivisionError):
        return None
