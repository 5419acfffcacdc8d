"""How many processors this process may use, by what it is bound to and what it may spend."""

import os
from math import ceil
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
"""Where Linux says how much a container may spend: microseconds of every so many.

In its second version (https://docs.kernel.org/admin-guide/cgroup-v2.html) and in its first one
(https://docs.kernel.org/scheduler/sched-bwc.html), which has -1 for no limit where the other has
``max``.
"""
_FILES = (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"))


def cores(cgroup: Path = CGROUP) -> int:
    """Count the processors; a limit of one and a half is two."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    limits = [limit for files in _FILES if (limit := _limit(cgroup, files))]
    return min([bound or 1, *limits])


def _limit(cgroup: Path, files: tuple[str, ...]) -> int | None:
    """Read for how many a container's limit lasts; None without one."""
    try:
        spent, of = " ".join((cgroup / file).read_text() for file in files).split()
        return ceil(int(spent) / int(of)) if int(spent) > 0 else None
    except (OSError, ValueError, ZeroDivisionError):
        return None
