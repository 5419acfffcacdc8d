"""The whole page while a network trains at full speed: frames, long tasks, memory, response.

The real page on the real server, without a graphics processor, with everything in view: the map,
all tiles, the chart, Inside, and the card of a weight. Needs playwright, and chromium on the path.
"""

import contextlib
import json
import re
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.support.chromium import TIMEOUT_MS, WITHOUT_GPU, engine_ready, launch
from benchmarks.support.report import Report
from benchmarks.support.served import serving

SECONDS = 60.0
QUICK_SECONDS = 5.0
WARM_UP_S = 5.0
CLICKS = 20
QUICK_CLICKS = 6
CLICK_PAUSE_S = 0.25
WIDE = "-".join(["100"] * 10)
VIEWPORT = {"width": 1440, "height": 1000}
SLOWEST_FUNCTIONS = 25

FRAMES = 30.0
LONGEST_TASK_MS = 50.0
HEAP_GROWTH_MB = 1.0
INPUT_TO_PAINT_MS = 100.0

EVERYTHING = "2-10-5-3, everything open"
WIDE_NETWORK = "2-100x10-3, everything open"

# A frame counts as drawn if the page shows another epoch than in the frame before.
WATCH = """duration => new Promise((done) => {
  const tasks = [];
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(duration);
  });
  observer.observe({ type: "longtask" });
  const epoch = document.querySelector("output[aria-label=Epoch]");
  let shown = epoch.textContent;
  let drawn = 0;
  let frames = 0;
  const began = performance.now();
  const next = () => {
    const elapsed = performance.now() - began;
    frames += 1;
    if (epoch.textContent !== shown) drawn += 1;
    shown = epoch.textContent;
    if (elapsed < duration) {
      requestAnimationFrame(next);
      return;
    }
    observer.disconnect();
    const seconds = elapsed / 1000;
    done({
      drawn: drawn / seconds, frames: frames / seconds, seconds, count: tasks.length,
      longest: Math.max(0, ...tasks),
    });
  };
  requestAnimationFrame(next);
})"""

# The points are drawn in the first frame after the press; a message arrives after its painting.
LISTEN = """() => {
  window.presses = [];
  window.presented = [];
  addEventListener("pointerdown", ({ timeStamp }) => {
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => window.presses.push(performance.now() - timeStamp);
      port2.postMessage(null);
    });
  });
  new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) {
      if (name === "pointerdown") window.presented.push(duration);
    }
  }).observe({ type: "event", durationThreshold: 16 });
}"""


def open_page(page: Page, url: str) -> None:
    """Open the page, with three classes, at full speed, and lay everything open."""
    page.goto(url)
    page.get_by_role("button", name="Train", exact=True).wait_for(timeout=TIMEOUT_MS)
    engine_ready(page)
    retype(page, "Classes", "3")
    page.get_by_text(re.compile(r"2 – 10 – 5 – 3 ·")).wait_for(timeout=TIMEOUT_MS)
    speeds = page.get_by_role("combobox", name="Speed", exact=True)
    speeds.select_option(index=speeds.get_by_role("option").count() - 1)
    inside = page.get_by_role("region", name="Inside", exact=True)
    inside.locator("summary").click()
    for name in ("Weights", "Histograms"):
        inside.get_by_role("table", name=name, exact=True).wait_for(timeout=TIMEOUT_MS)
    page.locator(".two-units canvas").wait_for(timeout=TIMEOUT_MS)
    page.locator(".chart canvas").wait_for(timeout=TIMEOUT_MS)
    diagram = page.get_by_role("group", name="Network diagram", exact=True)
    diagram.focus()
    for key in ("ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    page.get_by_role("dialog", name="Weight").wait_for(timeout=TIMEOUT_MS)


def retype(page: Page, name: str, text: str) -> None:
    """Put a value into a field."""
    spinbutton = page.get_by_role("spinbutton", name=name, exact=True)
    field = spinbutton.or_(page.get_by_role("textbox", name=name, exact=True))
    field.fill(text)
    field.press("Enter")


def heap_bytes(session: CDPSession) -> int:
    """Collect garbage, and return what is left."""
    session.send("HeapProfiler.collectGarbage")
    return int(session.send("Runtime.getHeapUsage")["usedSize"])


def thread_s(session: CDPSession) -> float:
    """Return the processor time of the page's main thread, which other programs do not lengthen."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration")


def watch(page: Page, session: CDPSession, report: Report, case: str, seconds: float) -> None:
    """Measure frames, tasks and memory while the network trains."""
    heap, busy_s = heap_bytes(session), thread_s(session)
    found = page.evaluate(WATCH, 1000 * seconds)
    busy_s = thread_s(session) - busy_s
    growth_mb = (heap_bytes(session) - heap) / 1e6 * 60 / found["seconds"]
    everything = case == EVERYTHING
    drawn = found["drawn"]
    report.add(case, "frames with new weights", drawn, "1/s", least=FRAMES if everything else None)
    report.add(case, "all frames", found["frames"], "1/s")
    report.add(
        case, "longest task", found["longest"], "ms", most=LONGEST_TASK_MS if everything else None
    )
    report.add(case, "tasks over 50 ms", found["count"] * 60 / found["seconds"], "1/min")
    cost_ms = 1000 * busy_s / max(1.0, drawn * found["seconds"])
    report.add(case, "processor time of a frame", cost_ms, "ms")
    report.add(
        case, "heap growth", growth_mb, "MB/min", most=HEAP_GROWTH_MB if everything else None
    )


def press_map(page: Page, report: Report, clicks: int) -> None:
    """Draw points with the mouse; measure from each press until its point is painted."""
    page.evaluate(LISTEN)
    field = page.get_by_role("application", name="Decision map", exact=True)
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    if box is None:
        raise RuntimeError("the map is not in view")
    for k in range(clicks):
        across, up = 0.1 + 0.8 * (k * 0.7549 % 1), 0.1 + 0.8 * (k * 0.5698 % 1)
        page.mouse.click(box["x"] + across * box["width"], box["y"] + up * box["height"])
        page.wait_for_function("count => window.presses.length >= count", arg=k + 1)
        time.sleep(CLICK_PAUSE_S)
    delays = page.evaluate("window.presses")
    limit = INPUT_TO_PAINT_MS
    report.add(WIDE_NETWORK, "press to paint, median", median(delays), "ms", most=limit)
    report.add(WIDE_NETWORK, "press to paint, longest", max(delays), "ms", most=limit)
    presented = page.evaluate("window.presented")
    longest = max(presented, default=16)
    report.add(WIDE_NETWORK, "Event Timing, longest", longest, "ms", most=limit)


def slowest(profile: dict[str, Any]) -> list[tuple[float, str]]:
    """Return the functions that took the most time themselves, in ms."""
    nodes = {node["id"]: node["callFrame"] for node in profile["nodes"]}
    spent: dict[str, float] = {}
    for node, delta_us in zip(profile["samples"], profile["timeDeltas"], strict=True):
        frame = nodes[node]
        place = f"{frame['url'].rpartition('/')[2]}:{frame['lineNumber'] + 1}"
        name = f"{frame['functionName'] or '(anonymous)'} {place}"
        spent[name] = spent.get(name, 0.0) + delta_us / 1000
    return sorted(((ms, name) for name, ms in spent.items()), reverse=True)[:SLOWEST_FUNCTIONS]


@contextlib.contextmanager
def profiled(session: CDPSession, path: str | None, title: str) -> Any:
    """With a path, write what the functions of the page took to it."""
    if path is None:
        yield
        return
    session.send("Profiler.enable")
    session.send("Profiler.start")
    yield
    profile = session.send("Profiler.stop")["profile"]
    with Path(path).open("a") as file:
        file.writelines(f"{title}: {ms:9.1f} ms  {name}\n" for ms, name in slowest(profile))
    Path(f"{path}.{title[:7]}.cpuprofile").write_text(json.dumps(profile))


def main() -> None:
    """Measure the typical network for a while, then the response with a wide one."""
    report = Report("page", "Measure the whole page while a network trains.")
    report.parser.add_argument("--minutes", type=float, help="measure for so long")
    report.parser.add_argument("--port", default="0", help="of the server")
    report.parser.add_argument("--profile", metavar="FILE", help="append the slowest functions")
    options = report.options()
    seconds = QUICK_SECONDS if options.quick else SECONDS
    if options.minutes is not None:
        seconds = 60 * options.minutes
    wide_seconds = min(seconds, 10.0)
    with (
        serving(["--port", options.port]) as served,
        sync_playwright() as playwright,
        contextlib.closing(launch(playwright, WITHOUT_GPU)) as browser,
    ):
        served.wait_until_ready()
        page = browser.new_page(viewport=VIEWPORT)  # type: ignore[arg-type]  # a TypedDict there
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        open_page(page, f"http://127.0.0.1:{served.port}/")
        page.get_by_role("button", name="Train", exact=True).click()
        # Until the code is compiled and the history holds as many moments as it may.
        time.sleep(1.0 if options.quick else WARM_UP_S)
        with profiled(session, options.profile, EVERYTHING):
            watch(page, session, report, EVERYTHING, seconds)
        retype(page, "Hidden layers", WIDE)
        page.get_by_text(re.compile(r"2 – 100 × 10 – 3 ·")).wait_for(timeout=TIMEOUT_MS)
        with profiled(session, options.profile, WIDE_NETWORK):
            watch(page, session, report, WIDE_NETWORK, wide_seconds)
            press_map(page, report, QUICK_CLICKS if options.quick else CLICKS)
    report.close()


if __name__ == "__main__":
    main()
