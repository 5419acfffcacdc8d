"""The page's cost in the browser: drawing, main thread, bytes on the wire, time until interactive.

The first part runs the page's drawing modules, with and without a graphics processor, with weights
that change in every frame; the second opens the real page on the real server and trains. Needs
playwright, and chromium on the path. benchmarks/page.py measures the page with everything open.
"""

import argparse
import contextlib
import functools
import http.server
import json
import os
import platform
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Playwright, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.support.chromium import (
    TIMEOUT_MS,
    WITH_GPU,
    WITHOUT_GPU,
    engine_ready,
    launch,
)

STATIC = Path(__file__).parents[1] / "src" / "nnvisu" / "static"
HARNESS = "/benchmark.html"
POINTS = 1000
MAP_PX = 600

LONGEST_TASK_MS = 50
FRAMES_WITHOUT_GPU = 30
FRAMES_WITH_GPU = 60
COLUMNS_WITHOUT_GPU = 100
PAGE_BYTES = 200_000
INTERACTIVE_S = 1.0
NEARLY = 0.95
"""The fraction of a target rate that counts as reached: a measurement does not start on a frame."""

Result = dict[str, Any]

# Name (inputs, hidden layers, outputs) -> hidden layers, classes, activation.
CASES = {
    "2-10-5-3": ([10, 5], 3, "tanh"),
    "2-8-8-8-2": ([8, 8, 8], 2, "gelu"),
    "2-100x10-10": ([100] * 10, 10, "tanh"),
}
TYPICAL = ("2-10-5-3", "2-8-8-8-2")

PAGE = """<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<style>
  #map { position: relative; width: 600px; height: 600px }
  #map canvas { position: absolute; inset: 0; width: 100%; height: 100% }
  #diagram { width: 510px; height: 290px }
</style>
<div id="map"><canvas id="field"></canvas><canvas id="points"></canvas></div>
<canvas id="diagram"></canvas>
<script type="module">
import { createDiagram } from "./js/draw/diagram.js";
import { createField } from "./js/draw/field.js";
import { createGpu } from "./js/draw/gpu.js";
import { createPoints } from "./js/draw/points.js";
import { parameterCount } from "./js/model/layout.js";

const find = (id) => document.getElementById(id);
const longTasks = [];
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) longTasks.push(duration);
}).observe({ type: "longtask" });

const field = createField(find("field"));
field.accelerate(createGpu());
const layers = [
  ["map", (view) => field.draw({ ...view, width: 600, height: 600 })],
  ["points", ((made) => (view) => made.draw({ ...view, width: 600, height: 600 }))(
    createPoints(find("points")))],
  ["diagram", ((made) => (view) => made.draw({ ...view, width: 510, height: 290 }))(
    createDiagram(find("diagram")))],
];
const frame = () => new Promise((done) => requestAnimationFrame(done));
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

window.measure = async ({ hidden_layers, classes, activation, samples, seconds }) => {
  const network = {
    hidden_layers, activation, features: ["x", "y"],
    classes: Array.from({ length: classes }, (_, label) => label),
  };
  const spread = (k, step) => ((k * step) % 2) - 1;
  const points = {
    x: Float32Array.from({ length: samples }, (_, k) => spread(k, 0.7548777)),
    y: Float32Array.from({ length: samples }, (_, k) => spread(k, 0.5698403)),
    label: Uint8Array.from({ length: samples }, (_, k) => k % classes),
  };
  const base = Float32Array.from(
    { length: parameterCount(network) }, (_, k) => 1.2 * Math.sin(k * k + 1));
  const times = Object.fromEntries(layers.map(([name]) => [name, []]));
  const columns = [];
  longTasks.length = 0;
  let longest = 0;
  let frames = 0;
  await frame();
  const began = performance.now();
  while (performance.now() - began < 1000 * seconds) {
    await frame();
    frames += 1;
    const parameters = base.map((weight) => weight * (1 + 0.001 * frames));
    const view = { checkpoint: { network, parameters }, dark: false, points };
    let spent = 0;
    for (const [name, draw] of layers) {
      const start = performance.now();
      draw(view);
      times[name].push(performance.now() - start);
      spent += times[name].at(-1);
    }
    longest = Math.max(longest, spent);
    columns.push(field.resolution);
  }
  const elapsed = (performance.now() - began) / 1000;
  return {
    frames_per_second: frames / elapsed,
    columns: median(columns),
    longest_task_ms: Math.max(longest, ...longTasks),
    accelerated: field.accelerated,
    ...Object.fromEntries(layers.map(([name]) => [`${name}_ms`, median(times[name])])),
  };
};
window.ready = true;
</script>
"""


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the page's static files and the harness, without logging."""

    def do_GET(self) -> None:
        if self.path != HARNESS:
            super().do_GET()
            return
        body = PAGE.encode()
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
        """Log nothing: the terminal shows the results."""


@contextlib.contextmanager
def static_files() -> Iterator[str]:
    """Serve the static files on loopback; yield their URL."""
    handler = functools.partial(_Handler, directory=str(STATIC))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def real_server() -> Iterator[str]:
    """Run the command from this source tree; yield the URL that it prints."""
    environment = os.environ | {"PYTHONPATH": str(STATIC.parents[1])}
    command = [sys.executable, "-u", "-m", "nnvisu", "--port", "0"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            for line in process.stdout or ():
                found = re.search(r"http://\S+", line)
                if found:
                    yield found.group()
                    return
            raise RuntimeError("The server ended before it printed its address.")
        finally:
            process.terminate()


def row(case: str, metric: str, value: float, unit: str, limit: float | None = None) -> Result:
    """Return one result; a rate must reach its target, a cost must not exceed it."""
    high = unit in ("1/s", "columns")
    ok = limit is None or (value >= NEARLY * limit if high else value <= limit)
    rounded = round(value, 2)
    return {
        "case": case,
        "metric": metric,
        "value": rounded,
        "unit": unit,
        "target": limit,
        "ok": ok,
    }


def drawing(playwright: Playwright, url: str, *, gpu: bool, seconds: float) -> Iterator[Result]:
    """Measure drawing every case for some seconds each."""
    browser = launch(playwright, WITH_GPU if gpu else WITHOUT_GPU)
    viewport = {"width": MAP_PX + 40, "height": 1000}
    page = browser.new_page(viewport=viewport)  # type: ignore[arg-type]  # a TypedDict there
    for name, (hidden_layers, classes, activation) in CASES.items():
        # Reload for each case, so that no shader or JIT state is shared.
        page.goto(url + HARNESS)
        page.wait_for_function("window.ready === true", timeout=TIMEOUT_MS)
        request = {
            "hidden_layers": hidden_layers,
            "classes": classes,
            "activation": activation,
            "samples": POINTS,
            "seconds": seconds,
        }
        found = page.evaluate("request => window.measure(request)", request)
        if gpu and not found["accelerated"]:
            print("No graphics processor found: its cases are skipped.", file=sys.stderr)
            break
        case = f"{name}, {'with' if gpu else 'without'} a graphics processor"
        rate = FRAMES_WITH_GPU if gpu else FRAMES_WITHOUT_GPU if name in TYPICAL else None
        columns = COLUMNS_WITHOUT_GPU if name in TYPICAL else None
        yield row(case, "frames", found["frames_per_second"], "1/s", rate)
        yield row(case, "map resolution", found["columns"], "columns", columns)
        yield row(case, "longest task", found["longest_task_ms"], "ms", LONGEST_TASK_MS)
        for layer in ("map", "points", "diagram"):
            yield row(case, f"{layer}, median", found[f"{layer}_ms"], "ms")
    browser.close()


def visit(playwright: Playwright, url: str, seconds: float) -> Iterator[Result]:
    """Open the page for the first time, press Train, and measure the main thread."""
    browser = launch(playwright, [])
    page = browser.new_page()
    received = 0

    def count(event: dict[str, Any]) -> None:
        nonlocal received
        received += int(event["encodedDataLength"])

    session = page.context.new_cdp_session(page)
    session.on("Network.loadingFinished", count)
    session.send("Network.enable")
    page.goto(url)
    train = page.get_by_role("button", name="Train", exact=True)
    train.wait_for(timeout=TIMEOUT_MS)
    interactive_s = page.evaluate("performance.now()") / 1000
    page.wait_for_load_state("networkidle")
    yield row("the page", "bytes on the wire", received, "bytes", PAGE_BYTES)
    yield row("the page", "until Train can be pressed", interactive_s, "s", INTERACTIVE_S)
    engine_ready(page)
    train.click()
    found = page.evaluate(WATCH, 1000 * seconds)
    yield row("the page, training", "frames", found["rate"], "1/s", FRAMES_WITHOUT_GPU)
    yield row("the page, training", "longest task", found["longest"], "ms", LONGEST_TASK_MS)
    browser.close()


WATCH = """duration => new Promise((done) => {
  let longest = 0;
  let frames = 0;
  const began = performance.now();
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
  }).observe({ type: "longtask" });
  const next = () => {
    const elapsed = performance.now() - began;
    if (elapsed >= duration) done({ longest, rate: 1000 * frames / elapsed });
    else requestAnimationFrame(next);
    frames += 1;
  };
  requestAnimationFrame(next);
})"""


def machine(version: str) -> dict[str, Any]:
    """Describe the machine of the measurement."""
    processor = re.search(r"model name\s*:\s*(.+)", _read(Path("/proc/cpuinfo")))
    return {
        "system": platform.system(),
        "processor": processor.group(1) if processor else platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "chromium": version,
    }


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def main() -> None:
    """Run both parts and print the results."""
    parser = argparse.ArgumentParser(description="Measure what the page costs the browser.")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="measure briefly, under 30 s in all")
    options = parser.parse_args()
    seconds = 2.0 if options.quick else 6.0
    results: list[Result] = []
    with sync_playwright() as playwright:
        with contextlib.closing(launch(playwright, [])) as browser:
            version = browser.version
        with static_files() as url:
            for gpu in (False, True):
                results += drawing(playwright, url, gpu=gpu, seconds=seconds)
        with real_server() as url:
            results += visit(playwright, url, seconds)
    if options.json:
        report = {"benchmark": "browser", "machine": machine(version), "results": results}
        print(json.dumps(report))
        return
    for result in results:
        target = "" if result["target"] is None else f"target {result['target']:g}"
        mark = " " if result["ok"] else "!"
        print(
            f"{mark} {result['case']:44} {result['metric']:28} "
            f"{result['value']:>10g} {result['unit']:8} {target}"
        )


if __name__ == "__main__":
    main()
