"""Coding conventions: small files, tests that wait for conditions, no deferred work."""

import re
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[3]
MAX_LINES = 400
SOURCES = [
    path
    for folder in ("src", "tests", "benchmarks", "scripts")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".js", ".css", ".html", ".sh"} and "vendor" not in path.parts
]
LATER = (r"\bTODO\b", r"\bFIXME\b", r"\bXXX\b", r"\bNotImplementedError\b")
SLEEPING = (r"\btime\.sleep\b", r"\basyncio\.sleep\((?!0\))", r"\bwait_for_timeout\b")
ESCAPING = (r"\bskip(if|unless)?\(", r"\bxfail\b", r"\btest\.(skip|todo|only)\b")


def lines_with(patterns: Iterable[str], paths: Iterable[Path]) -> list[str]:
    """Return where a pattern is found, except in this file."""
    pattern = re.compile("|".join(patterns))
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in paths
        if path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_files_are_under_400_lines() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert [path for path, lines in lengths.items() if lines > MAX_LINES] == []


def test_no_markers_of_deferred_work() -> None:
    assert lines_with(LATER, SOURCES) == []


def test_tests_wait_for_conditions_and_run_everywhere() -> None:
    tests = [path for path in SOURCES if path.is_relative_to(ROOT / "tests")]
    assert len(tests) > 10
    assert lines_with((*SLEEPING, *ESCAPING), tests) == []


def test_the_lock_file_names_no_registry() -> None:
    assert "resolved" not in (ROOT / "package-lock.json").read_text("utf-8")
