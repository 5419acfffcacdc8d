"""How fast the engine trains, beside PyTorch eager and JAX doing the same work in the same run.

Everything runs on one thread unless it says otherwise. The contestants take turns, and each
figure is the median of its turns; what is not installed is left out.

    python benchmarks/engine.py [--quick] [--json]
"""

# ruff: noqa: E402 (the numbers of threads are read when the libraries are loaded)

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

import itertools
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.support.report import Report
from nnvisu import engine

Run = Callable[[int], None]
"""Train for so many steps, and be done with it."""

TURN_S = 0.04
"""How long one turn of one contestant takes, or a single call if that is longer."""


@dataclass(frozen=True)
class Case:
    """A network, how much data, and what is wanted of it."""

    hidden_layers: tuple[int, ...]
    classes: int
    samples: int
    batch_size: int | None = None
    over_pytorch: float | None = None
    over_jax: float | None = None
    over_sgemm: float | None = None
    epoch_us: float | None = None

    @property
    def network(self) -> engine.Network:
        """The engine's description."""
        return engine.Network(self.hidden_layers, tuple(range(self.classes)))

    @property
    def name(self) -> str:
        """The network's sizes, the points, and the batch size."""
        groups = itertools.groupby(self.network.sizes)
        runs = [(units, len(list(group))) for units, group in groups]
        sizes = "-".join(
            f"{units}x{n}" if n > 2 else f"{units}-" * (n - 1) + f"{units}" for units, n in runs
        )
        batch = f", batches of {self.batch_size}" if self.batch_size else ""
        return f"{sizes}, {self.samples} points{batch}"

    @property
    def steps_per_epoch(self) -> int:
        """Updates in one pass over the points."""
        return -(-self.samples // (self.batch_size or self.samples))

    @property
    def step_flops(self) -> float:
        """Multiplications and additions with weights in one step, forward and backward."""
        sizes = self.network.sizes
        weights = sum(a * b for a, b in itertools.pairwise(sizes))
        return 6 * weights * (self.batch_size or self.samples)


CASES = [
    Case((10, 5), 3, 1000, over_pytorch=20, over_jax=4),
    Case((10, 5), 3, 200, over_pytorch=20, over_jax=4),
    Case((4, 2), 2, 1000, over_pytorch=20, over_jax=4),
    Case((4, 2), 2, 200, over_pytorch=20, over_jax=4),
    Case((8, 8, 8), 2, 1000, over_pytorch=15, over_jax=2),
    Case((4, 2), 2, 250, batch_size=10, over_pytorch=30, epoch_us=16),
    Case((100,) * 3, 8, 1000, over_jax=0.8, over_sgemm=0.65),
    Case((100,) * 10, 8, 1000, over_jax=0.8, over_sgemm=0.65),
]


def ours(case: Case) -> Run:
    """Return the engine's run."""
    points = engine.generate("blobs", case.samples, case.classes, 0.1, 0)
    training = engine.Training(
        case.network,
        engine.initialise(case.network, 0),
        engine.Hyperparameters(batch_size=case.batch_size),
        points,
    )

    def run(steps: int) -> None:
        if training.advance(steps) != steps:
            raise RuntimeError(f"{case.name} diverged")

    return run


def pytorch(case: Case, *, fused: bool) -> Run:
    """Return PyTorch's run: eager, as its tutorials write it."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    points = engine.generate("blobs", case.samples, case.classes, 0.1, 0)
    inputs = torch.from_numpy(np.stack([points.x, points.y], axis=1))
    targets = torch.from_numpy(points.label.astype(np.int64))
    module = torch.nn.Sequential()
    for below, above in zip(case.network.sizes, case.network.sizes[1:], strict=False):
        module.append(torch.nn.Linear(below, above))
        module.append(torch.nn.Tanh())
    del module[-1]
    optimiser = torch.optim.Adam(module.parameters(), lr=0.01, fused=fused)

    def step(x: Any, y: Any) -> None:
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(module(x), y).backward()
        optimiser.step()

    def run(steps: int) -> None:
        if case.batch_size is None:
            for _ in range(steps):
                step(inputs, targets)
            return
        for _ in range(max(1, steps // case.steps_per_epoch)):
            for batch in torch.randperm(case.samples).split(case.batch_size):
                step(inputs[batch], targets[batch])

    return run


def jax(case: Case) -> Run:
    """Return JAX's run: all steps of a call in one compiled loop."""
    import jax
    import jax.numpy as jnp

    points = engine.generate("blobs", case.samples, case.classes, 0.1, 0)
    inputs = jnp.stack([points.x, points.y], axis=1)
    targets = jnp.asarray(points.label, jnp.int32)
    start = engine.initialise(case.network, 0)
    weights = [
        (
            jnp.asarray(
                start.parameters[layer.start : layer.biases].reshape(layer.outputs, layer.inputs)
            ),
            jnp.asarray(start.parameters[layer.biases : layer.stop]),
        )
        for layer in case.network.layers
    ]

    def loss(parameters: Any) -> Any:
        values = inputs
        for w, b in parameters[:-1]:
            values = jnp.tanh(values @ w.T + b)
        w, b = parameters[-1]
        logarithms = jax.nn.log_softmax(values @ w.T + b)
        return -jnp.take_along_axis(logarithms, targets[:, None], axis=1).mean()

    def step(state: Any, _: None) -> Any:
        parameters, first, second, t = state
        gradient = jax.grad(loss)(parameters)
        t = t + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
        rate = 0.01 / (1 - 0.9**t)
        correction = 1 / jnp.sqrt(1 - 0.999**t)
        parameters = jax.tree.map(
            lambda p, m, v: p - rate * m / (jnp.sqrt(v) * correction + 1e-8),
            parameters,
            first,
            second,
        )
        return (parameters, first, second, t), None

    zeros = jax.tree.map(jnp.zeros_like, weights)
    state = (weights, zeros, zeros, jnp.float32(0))
    scan = jax.jit(lambda s, n: jax.lax.fori_loop(0, n, lambda _, x: step(x, None)[0], s))

    def run(steps: int) -> None:
        nonlocal state
        state = jax.block_until_ready(scan(state, steps))

    return run


def step_times_us(contestants: dict[str, Run], turns: int, whole: int) -> dict[str, float]:
    """Return each contestant's median time of a step, in microseconds.

    Every turn is a multiple of ``whole`` steps long, and as near to `TURN_S` as that allows.
    """
    steps = {}
    for name, run in contestants.items():
        run(whole)
        run(whole)
        began = time.perf_counter()
        run(whole)
        taken = time.perf_counter() - began
        steps[name] = whole * max(1, round(TURN_S / taken))
        run(steps[name])
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(turns):
        for name, run in contestants.items():
            began = time.perf_counter()
            run(steps[name])
            times[name].append((time.perf_counter() - began) / steps[name])
    return {name: median(taken) * 1e6 for name, taken in times.items()}


def sgemm_gflops(turns: int) -> float:
    """Return the rate of NumPy's product of two 512 x 512 matrices of float32."""
    a = np.random.default_rng(0).normal(size=(512, 512)).astype(np.float32)
    out = a @ a
    times = []
    for _ in range(max(turns, 5)):
        began = time.perf_counter()
        for _ in range(4):
            np.matmul(a, a, out=out)
        times.append((time.perf_counter() - began) / 4)
    return 2 * 512**3 / median(times) / 1e9


def measure(report: Report, case: Case, turns: int) -> None:
    """Let the contestants that are installed run one case."""
    contestants = {"nnvisu": ours(case)}
    if find_spec("torch"):
        contestants["PyTorch eager"] = pytorch(case, fused=False)
        contestants["PyTorch eager, fused"] = pytorch(case, fused=True)
    if find_spec("jax") and case.batch_size is None:
        contestants["JAX jit + loop"] = jax(case)
    times = step_times_us(contestants, turns, case.steps_per_epoch)
    for name, us in times.items():
        report.add(case.name, f"step, {name}", us, "us")
    mine = times.pop("nnvisu")
    least = {"PyTorch eager": case.over_pytorch, "JAX jit + loop": case.over_jax}
    for name, us in times.items():
        report.add(case.name, f"over {name}", us / mine, "times", least=least.get(name))
    rate = case.step_flops / mine / 1e3
    report.add(case.name, "rate of all", rate, "GFLOP/s")
    if case.over_sgemm:
        share = rate / sgemm_gflops(turns)
        report.add(case.name, "share of sgemm", share, "", least=case.over_sgemm)
    if case.epoch_us:
        epoch = mine * case.steps_per_epoch
        report.add(case.name, "epoch", epoch, "us", most=case.epoch_us)


def two_threads(report: Report, turns: int) -> None:
    """Compare two trainings on two threads with one on one."""
    case = CASES[0]
    runs = [ours(case), ours(case)]
    steps = 4000
    ratios = []
    with ThreadPoolExecutor(2) as pool:
        for _ in range(turns):
            began = time.perf_counter()
            runs[0](steps)
            alone = time.perf_counter() - began
            began = time.perf_counter()
            list(pool.map(lambda run: run(steps), runs))
            ratios.append(2 * alone / (time.perf_counter() - began))
    report.add(case.name, "two threads", median(ratios), "times", least=1.9)


START = """
import time
began = time.perf_counter()
from nnvisu import engine
imported = time.perf_counter()
engine.prepare()
print(imported - began, time.perf_counter() - imported)
"""


def start(report: Report, turns: int) -> None:
    """Measure a process's way to a ready engine, with nothing compiled and with everything."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"NUMBA_CACHE_DIR": folder}
        for case, repeats, most in (("nothing compiled", 1, 6.0), ("compiled", turns, 0.5)):
            times = []
            for _ in range(repeats):
                command = [sys.executable, "-c", START]
                output = subprocess.check_output(command, env=environment, text=True)
                times.append([float(number) for number in output.split()])
            imported, prepared = (median(column) for column in zip(*times, strict=True))
            report.add(f"start, {case}", "import", imported, "s")
            report.add(f"start, {case}", "import and prepare", imported + prepared, "s", most=most)


def main() -> None:
    """Measure everything and print it."""
    report = Report("engine", __doc__.splitlines()[0])
    turns = 3 if report.options().quick else 15
    for name in ("torch", "jax"):
        if not find_spec(name):
            print(f"{name} is not installed and left out", file=sys.stderr)
    engine.prepare()
    report.add("sgemm, 512 x 512", "rate", sgemm_gflops(turns), "GFLOP/s")
    for case in CASES:
        measure(report, case, turns)
    two_threads(report, turns)
    start(report, turns)
    report.close()


if __name__ == "__main__":
    main()
