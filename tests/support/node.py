"""Runs JavaScript programs in Node."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).parents[1] / "js" / "support"
TIMEOUT_S = 120


def node() -> str:
    """Return the path of Node: the one in .venv, otherwise the system's."""
    program = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    assert program is not None, "Please run `make test` once: it installs Node into .venv."
    return program


def run(program: str, data: Any) -> Any:
    """Run a program of tests/js/support with JSON as its input, and return its JSON output."""
    result = subprocess.run(
        [node(), PROGRAMS / program],
        input=json.dumps(data),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)
