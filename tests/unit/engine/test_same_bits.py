"""A seed gives the same run on every processor, bit for bit, and with the JIT off.

After a change of the engine's arithmetic:
``python -m tests.unit.engine.bits > tests/fixtures/bits.json``
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from llvmlite import binding

from tests.unit.engine.bits import CASES, digests

ROOT = Path(__file__).parents[3]
STORED: dict[str, str] = json.loads((ROOT / "tests/fixtures/bits.json").read_text())
# Features that a target needs, as the processor names them.
TARGETS = {
    "x86-64-v2": (),
    "haswell": ("avx2", "fma"),
    "skylake-avx512": ("avx512f", "avx512vl"),
    "znver4": ("avx512f", "avx512bf16"),
}
FEATURES = binding.get_host_cpu_features()
RUNNABLE = [
    target
    for target, names in TARGETS.items()
    if platform.machine() == "x86_64" and all(FEATURES.get(name, False) for name in names)
]
# The dispatched code of NumPy, which has its own for several processors.
NUMPY: list[str] = np._core._multiarray_umath.__cpu_dispatch__  # type: ignore[attr-defined]


def differing(**environment: str) -> list[str]:
    """Return the names of the runs whose bits are others in a new process."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.unit.engine.bits"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert list(found) == list(STORED)
    return [name for name in STORED if found[name] != STORED[name]]


def test_every_run_has_the_stored_bits() -> None:
    assert len(CASES) >= 60
    assert digests() == STORED


def test_runs_have_the_same_bits_on_other_processors(
    tmp_path: Path, rounds: Callable[[int, int], int], note: Callable[[str], None]
) -> None:
    targets = RUNNABLE[: rounds(2, len(RUNNABLE))]
    for target in targets:
        environment = {
            "NUMBA_CPU_NAME": target,
            "NUMBA_CPU_FEATURES": "",
            "NUMBA_CACHE_DIR": str(tmp_path),
        }
        if target == "x86-64-v2":
            environment["NPY_DISABLE_CPU_FEATURES"] = " ".join(NUMPY)
        assert differing(**environment) == [], target
    note(f"{len(CASES)} runs are equal on {', '.join(targets)}")


def test_runs_have_the_same_bits_with_the_jit_off() -> None:
    assert differing(NUMBA_DISABLE_JIT="1") == []
