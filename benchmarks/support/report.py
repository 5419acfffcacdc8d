"""The output of a benchmark: a table, or one JSON object."""

import argparse
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any


class Report:
    """The results of one benchmark."""

    def __init__(self, benchmark: str, description: str) -> None:
        self._benchmark = benchmark
        self._results: list[dict[str, Any]] = []
        self.parser = argparse.ArgumentParser(description=description)
        self.parser.add_argument("--json", action="store_true", help="print one JSON object")
        self.parser.add_argument("--quick", action="store_true", help="stay under 30 s")
        self._json = False

    def options(self) -> argparse.Namespace:
        """Parse the command line."""
        options = self.parser.parse_args()
        self._json = options.json
        return options

    def add(
        self,
        case: str,
        metric: str,
        value: float,
        unit: str,
        *,
        least: float | None = None,
        most: float | None = None,
    ) -> None:
        """Add a figure, with its target if there is one."""
        result = {
            "case": case,
            "metric": metric,
            "value": round(value, 4),
            "unit": unit,
            "target": least if most is None else most,
            "ok": (least is None or value >= least) and (most is None or value <= most),
        }
        self._results.append(result)
        if not self._json:
            bound = f">= {least:g}" if least is not None else f"<= {most:g}" if most else ""
            mark = " " if result["ok"] else "!"
            line = f"{mark} {case:44} {metric:28} {value:>10.4g} {unit:10} {bound}"
            print(line.rstrip(), flush=True)

    def close(self) -> None:
        """Print the JSON object, with --json."""
        if self._json:
            report = {
                "benchmark": self._benchmark,
                "machine": machine(),
                "results": self._results,
            }
            print(json.dumps(report))


def machine() -> dict[str, Any]:
    """Describe the machine of the measurement."""
    names = [
        line.partition(":")[2].strip()
        for line in _lines(Path("/proc/cpuinfo"))
        if line.startswith("model name")
    ]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []
