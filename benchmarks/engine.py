"""The engine's training speed, beside PyTorch eager and JAX on the same work in the same run.

Everything runs on one thread unless stated otherwise. The contestants alternate, and each figure is
the median of a contestant's turns; libraries that are not installed are skipped. NumPy's matrix
product (sgemm), with the kernel that OpenBLAS selects for the processor, gives the peak speed of a
core; it alternates with the wide networks.

    python benchmarks/engine.py [--quick] [--json]
"""

# ruff: noqa: E402 (the libraries read their thread counts when they are loaded)

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
# Set for another processor, these would slow sgemm and flatter the engine.
for variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(variable, None)

import ctypes
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
"""Trains for a number of steps."""

TURN_S = 0.04
"""The duration of one turn of one contestant, or of a single call if that is longer."""


@dataclass(frozen=True)
class Case:
    """A network, the size of its data, and the targets."""

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
        """The engine's network."""
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
        """Updates per epoch."""
        return -(-self.samples // (self.batch_size or self.samples))

    @property
    def step_flops(self) -> float:
        """Multiplications and additions with weights in one step, forward and backward.

        There is no backward pass from the first layer to the inputs.
        """
        first, *others = (a * b for a, b in itertools.pairwise(self.network.sizes))
        return (4 * first + 6 * sum(others)) * (self.batch_size or self.samples)


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
    """Return PyTorch's run: eager, as in its tutorials."""
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

    Every turn is a multiple of ``whole`` steps long, as close to `TURN_S` as possible.
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


SGEMM_SIZE = 512
"""The fastest of the sizes from 256 to 1536, by a small margin."""


def sgemm() -> Run:
    """Return NumPy's run: products of two square matrices of float32."""
    a = np.random.default_rng(0).normal(size=(SGEMM_SIZE, SGEMM_SIZE)).astype(np.float32)
    out = np.empty_like(a)

    def run(steps: int) -> None:
        for _ in range(steps):
            np.matmul(a, a, out=out)

    return run


def sgemm_kernel() -> str:
    """Return the kernel that NumPy's OpenBLAS uses; empty for another BLAS."""
    for library in (Path(np.__file__).parents[1] / "numpy.libs").glob("*openblas*"):
        name = getattr(ctypes.CDLL(str(library)), "scipy_openblas_get_corename64_", None)
        if name is not None:
            name.restype = ctypes.c_char_p
            return str(name().decode())
    return ""


SGEMM = f"sgemm, {sgemm_kernel() or 'unknown'} kernel"


def measure(report: Report, case: Case, turns: int) -> None:
    """Measure one case with all installed contestants."""
    contestants = {"nnvisu": ours(case)}
    if find_spec("torch"):
        contestants["PyTorch eager"] = pytorch(case, fused=False)
        contestants["PyTorch eager, fused"] = pytorch(case, fused=True)
    if find_spec("jax") and case.batch_size is None:
        contestants["JAX jit + loop"] = jax(case)
    if case.over_sgemm:
        contestants[SGEMM] = sgemm()
    times = step_times_us(contestants, turns, case.steps_per_epoch)
    core = 2 * SGEMM_SIZE**3 / times.pop(SGEMM, np.inf) / 1e3
    for name, us in times.items():
        report.add(case.name, f"step, {name}", us, "us")
    mine = times.pop("nnvisu")
    least = {"PyTorch eager": case.over_pytorch, "JAX jit + loop": case.over_jax}
    for name, us in times.items():
        report.add(case.name, f"over {name}", us / mine, "times", least=least.get(name))
    rate = case.step_flops / mine / 1e3
    report.add(case.name, "rate of all", rate, "GFLOP/s")
    if case.over_sgemm:
        report.add(case.name, f"rate of {SGEMM}", core, "GFLOP/s")
        report.add(case.name, "share of sgemm", rate / core, "", least=case.over_sgemm)
    if case.epoch_us:
        epoch = mine * case.steps_per_epoch
        report.add(case.name, "epoch", epoch, "us", most=case.epoch_us)


def waited_s() -> float:
    """Return the total time that this thread was runnable but not running."""
    account = Path("/proc/thread-self/schedstat")
    return int(account.read_text().split()[1]) / 1e9 if account.exists() else 0.0


def two_threads(report: Report, turns: int) -> None:
    """Compare two concurrent trainings with the same two in sequence.

    Other programs on the cores would distort this. Where the system reports how long a thread
    waited for a core, that time is subtracted, and only the half of the turns with the least
    waiting count.
    """

    def timed(run: Run) -> tuple[float, float]:
        """Return the time at the end of the run, and its waiting time."""
        waited = waited_s()
        run(steps)
        return time.perf_counter(), waited_s() - waited

    def speed_up() -> tuple[float, float]:
        """Return the waiting time, and the time of one thread divided by that of two."""
        began = time.perf_counter()
        _, first_wait = timed(runs[0])
        end, second_wait = timed(runs[1])
        alone = end - began - first_wait - second_wait
        began = time.perf_counter()
        pair = list(pool.map(timed, runs))
        together = max(end - wait for end, wait in pair) - began
        return first_wait + second_wait + sum(wait for _, wait in pair), alone / together

    with ThreadPoolExecutor(2) as pool:
        for case in (CASES[0], CASES[-2]):
            runs = [ours(case), ours(case)]
            steps = round(TURN_S / step_times_us({"nnvisu": runs[0]}, 3, 1)["nnvisu"] * 1e6)
            undisturbed = sorted(speed_up() for _ in range(4 * turns))[: 2 * turns]
            ratio = median(ratio for _, ratio in undisturbed)
            report.add(case.name, "two threads", ratio, "times", least=1.9)


START = """
import time
began = time.perf_counter()
from nnvisu import engine
imported = time.perf_counter()
engine.prepare()
print(imported - began, time.perf_counter() - imported)
"""


def start(report: Report, turns: int) -> None:
    """Measure a new process's time to a ready engine, without and with compiled kernels."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"NUMBA_CACHE_DIR": folder}
        for case, repeats in (("nothing compiled", 1), ("compiled", turns)):
            times = []
            for _ in range(repeats):
                command = [sys.executable, "-c", START]
                output = subprocess.check_output(command, env=environment, text=True)
                times.append([float(number) for number in output.split()])
            imported, prepared = (median(column) for column in zip(*times, strict=True))
            report.add(f"start, {case}", "import", imported, "s")
            report.add(f"start, {case}", "import and prepare", imported + prepared, "s")


def main() -> None:
    """Measure everything and print it."""
    report = Report("engine", __doc__.splitlines()[0])
    turns = 3 if report.options().quick else 15
    for name in ("torch", "jax"):
        if not find_spec(name):
            print(f"{name} is not installed and left out", file=sys.stderr)
    engine.prepare()
    for case in CASES:
        measure(report, case, turns)
    two_threads(report, turns)
    start(report, turns)
    report.close()


if __name__ == "__main__":
    main()
