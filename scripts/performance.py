"""Write docs/performance.md, and its picture, from the benchmarks' output with ``--json``.

``python scripts/performance.py build/benchmarks/*.json``
"""

import json
import sys
from pathlib import Path
from typing import TypedDict

sys.path.insert(0, str(Path(__file__).parents[1]))

from scripts import curve

DOCS = Path(__file__).parents[1] / "docs"
PICTURE = "users.svg"
HEADER = """\
# Performance

`make bench` takes these measurements and writes this page. Figures that are compared with each
other were measured in turns, in one run, and are medians. Load generators and server ran on the
same machine. A row has a target if a figure was promised; "kept" says whether it was reached.
"""


class Result(TypedDict):
    """One figure; `target` is null if there is no target."""

    case: str
    metric: str
    value: float | str | None
    unit: str
    target: float | str | None
    ok: bool | None


class Report(TypedDict):
    """The output of one benchmark."""

    benchmark: str
    machine: dict[str, object]
    results: list[Result]


def number(value: float | str | None) -> str:
    """Return a figure with three significant digits, integers in full."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def verdict(result: Result) -> str:
    """Return whether a target was met; empty without a target."""
    if result.get("target") is None or result.get("ok") is None:
        return ""
    return "yes" if result["ok"] else "**no**"


def section(report: Report) -> str:
    """Return a benchmark's heading, machine and table."""
    machine = ", ".join(f"{name} {value}" for name, value in report["machine"].items())
    lines = [f"## {report['benchmark']}", "", machine, ""]
    if report["benchmark"] == "users":
        curve.draw(report["results"], DOCS / PICTURE)
        lines += [f"![Curves from one user to thousands]({PICTURE})", ""]
        lines += [curve.first_missed_target(report["results"]), ""]
    lines += [
        "| case | what | measured | target | kept |",
        "|---|---|--:|--:|:-:|",
    ]
    for result in report["results"]:
        unit = f" {result['unit']}" if result["unit"] else ""
        measured = f"{number(result['value'])}{unit}"
        target = f"{number(result.get('target'))}{unit}" if result.get("target") is not None else ""
        row = (result["case"], result["metric"], measured, target, verdict(result))
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join([*lines, ""])


def main() -> None:
    """Write the page."""
    reports: list[Report] = [json.loads(Path(name).read_text("utf-8")) for name in sys.argv[1:]]
    page = "\n".join([HEADER, *map(section, reports)])
    (DOCS / "performance.md").write_text(page, "utf-8")


if __name__ == "__main__":
    main()
