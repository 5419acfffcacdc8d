"""Start-up cost: megabytes installed, and seconds from the command to the first frame.

Measured from the start of the process until a client, connected as early as possible, has received
the first frame of a training: cold, without compiled kernels, and warm. The page is fetched
meanwhile, as by a browser.
"""

import re
import sys
import tempfile
import time
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from statistics import median
from typing import TypeVar
from urllib.request import urlopen

import msgspec
from websockets.sync.client import ClientConnection, connect

sys.path.insert(0, str(Path(__file__).parents[1]))

import nnvisu
from benchmarks.support.report import Report
from benchmarks.support.served import serving
from nnvisu.wire.messages import (
    Data,
    Frame,
    Generate,
    Generated,
    Hyperparameters,
    Initialise,
    Initialised,
    Network,
    Reply,
    Train,
)

INSTALLED_MB = 300
COLD_S = 8.0
WARM_S = 2.0
PAGE_S = 2.0
PACKAGE = Path(nnvisu.__file__).parent
TIMEOUT_S = 120
Kind = TypeVar("Kind")
NETWORK = Network((10, 5), (0, 1, 2))


def main() -> None:
    """Measure and report."""
    report = Report("start", "Install size, and time from the command to the first frame.")
    options = report.options()
    if has("nnvisu"):
        report.add("installed", "nnvisu and what it needs", installed_mb(), "MB", most=INSTALLED_MB)
    else:
        print("nnvisu is not installed: its size is left out.", file=sys.stderr)
    colds, warms = (1, 2) if options.quick else (3, 5)
    for case, runs, target_s in (("cold", colds, COLD_S), ("warm", warms, WARM_S)):
        pages, frames = [], []
        for _ in range(runs):
            page_s, frame_s = start(cold=case == "cold")
            pages.append(page_s)
            frames.append(frame_s)
        report.add(f"{case} start", "to the page", median(pages), "s", most=PAGE_S)
        report.add(f"{case} start", "to the first frame", median(frames), "s", most=target_s)
    report.close()


def installed_mb() -> float:
    """Return the size of the package and of all its dependencies, in megabytes."""
    sizes = {"nnvisu": size(path for path in PACKAGE.rglob("*"))}
    waiting = required("nnvisu")
    while waiting:
        name = waiting.pop()
        if name not in sizes:
            files = distribution(name).files or ()
            sizes[name] = size(Path(str(file.locate())) for file in files)
            waiting += required(name)
    return sum(sizes.values()) / 1e6


def required(name: str) -> list[str]:
    """Return the dependencies of a package on this system, without extras."""
    lines = distribution(name).requires or ()
    needed = [line for line in lines if "extra ==" not in line]
    names = [re.split(r"[^\w.-]", line)[0].lower() for line in needed]
    return [name for name in names if has(name)]


def has(name: str) -> bool:
    """Return whether a package is installed; some dependencies are for other systems only."""
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def size(paths: Iterable[Path]) -> int:
    """Return the total size of files, in bytes."""
    return sum(path.stat().st_size for path in set(paths) if path.is_file())


def start(*, cold: bool) -> tuple[float, float]:
    """Start a server; return the seconds to the page and to the first frame of a training."""
    with tempfile.TemporaryDirectory() as empty:
        environment = {"NUMBA_CACHE_DIR": empty} if cold else {}
        with serving(environment=environment) as server:
            with urlopen(f"http://127.0.0.1:{server.port}/", timeout=TIMEOUT_S) as page:
                page.read()
            page_s = time.perf_counter() - server.started_s
            with connect(server.websocket, compression=None) as socket:
                train(socket)
            return page_s, time.perf_counter() - server.started_s


def train(socket: ClientConnection) -> None:
    """Request points and weights, and train on them until the first frame."""
    socket.send(msgspec.msgpack.encode(Generate(1, "blobs", samples=200, classes=3)))
    points = expect(socket, Generated).points
    socket.send(msgspec.msgpack.encode(Initialise(2, NETWORK, seed=0)))
    checkpoint = expect(socket, Initialised).checkpoint
    request = Train(3, NETWORK, checkpoint, Hyperparameters(), Data(points))
    socket.send(msgspec.msgpack.encode(request))
    expect(socket, Frame)


def expect(socket: ClientConnection, kind: type[Kind]) -> Kind:
    """Wait for a reply of a kind."""
    while True:
        message = socket.recv(TIMEOUT_S)
        reply = msgspec.msgpack.decode(message, type=Reply) if isinstance(message, bytes) else None
        if isinstance(reply, kind):
            return reply


if __name__ == "__main__":
    main()
