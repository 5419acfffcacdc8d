"""How many processors this process may use, by what it is bound to and what it may spend."""

import os
from math import ceil
from pathlib import Path

QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""Where Linux says how much a container may spend: microseconds of every so many, or ``max``."""


def cores(quota: Path = QUOTA) -> int:
    """Count the processors; a limit of one and a half is two."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(bound or 1, _affordable(quota) or bound or 1)


def _affordable(quota: Path) -> int | None:
    """Read for how many a container's limit lasts; None without a limit."""
    try:
        spent, of = quota.read_text().split()
        return max(1, ceil(int(spent) / int(of)))
    except (OSError, ValueError):
        # No container of Linux, or "max".
        return None
