"""Draw figures against the number of users, from what benchmarks/users.py printed."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.ticker import NullFormatter, ScalarFormatter

PANELS = {
    "frames a second, for the slowest": ("frames/s of the slowest",),
    "epochs a second, for the slowest (60 wanted)": ("epochs/s of the slowest",),
    "milliseconds": ("frame age, median", "frame age, p99", "page load, p95"),
    "cores": ("processor of the server", "processor of the users"),
}
_CASE = re.compile(r"(\d+) users?")

Result = Mapping[str, Any]


def curves(results: Iterable[Result]) -> dict[str, list[tuple[int, float]]]:
    """Return each metric's values by the number of users."""
    found: dict[str, list[tuple[int, float]]] = {}
    for result in results:
        if case := _CASE.fullmatch(result["case"]):
            found.setdefault(result["metric"], []).append((int(case[1]), result["value"]))
    return {metric: sorted(values) for metric, values in found.items()}


def draw(results: Iterable[Result], file: Path) -> None:
    """Write the picture as SVG."""
    by_metric = curves(results)
    # Makes the file reproducible.
    mpl.rcParams["svg.hashsalt"] = "nnvisu"
    figure, axes = plt.subplots(2, 2, figsize=(9, 5.4), sharex=True, layout="constrained")
    for axis, (title, metrics) in zip(axes.flat, PANELS.items(), strict=True):
        for metric in metrics:
            axis.plot(*zip(*by_metric[metric], strict=True), marker="o", ms=3, label=metric)
        axis.set(xscale="log", title=title, ylim=(0, None))
        axis.title.set_fontsize("medium")
        axis.grid(alpha=0.3)
        axis.spines[["top", "right"]].set_visible(False)
        if len(metrics) > 1:
            axis.legend(frameon=False, fontsize="small")
    for axis in axes[1]:
        axis.set_xlabel("users at once")
        axis.set_xticks([1, 10, 100, 1000, 3000])
        axis.xaxis.set_major_formatter(ScalarFormatter())
        axis.xaxis.set_minor_formatter(NullFormatter())
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)


def first_missed_target(results: Iterable[Result]) -> str:
    """Return a sentence: up to how many users all targets are kept, and which are missed first."""
    broken: dict[int, list[str]] = {}
    crowds = set()
    for result in results:
        if case := _CASE.fullmatch(result["case"]):
            crowds.add(int(case[1]))
            if not result["ok"]:
                broken.setdefault(int(case[1]), []).append(result["metric"])
    if not broken:
        return f"All targets are kept, up to {max(crowds)} users, the most that were tried."
    first = min(broken)
    kept = max((crowd for crowd in crowds if crowd < first), default=0)
    what = "; ".join(broken[first])
    return f"All targets are kept up to {kept} users. At {first} users these are missed: {what}."
