"""Several processes on one port: forked, looked after, and ended together.

Linux alone spreads the connections to a port over several sockets (SO_REUSEPORT), so elsewhere
there is one process. Each worker has a socket of its own. When a worker dies, its socket goes with
it, and new connections go to the others until it is replaced.
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from nnvisu.observability.logs import fault, say
from nnvisu.processes.cpu_count import cores
from nnvisu.processes.shared_memory import Board, Place

SUPPORTED = sys.platform == "linux"
CRASHED = 70
"""Exit code of a worker that met a fault of its own; any other but 0 is a reason to give up."""
FIRST_PAUSE_S = 0.1
"""Before a dead worker is replaced; twice as long after each further death."""
LONGEST_PAUSE_S = 10.0
HEALTHY_S = 30.0
"""A worker that lived so long is replaced as if it were its first death."""
_BACKLOG = 2048

Serve = Callable[[socket.socket, Place], int]


@dataclass
class _Worker:
    number: int
    pid: int | None = None
    due_s: float = 0.0
    """When to start it, if it does not run."""
    started_s: float = 0.0
    pause_s: float = FIRST_PAUSE_S


class Supervisor:
    """The process that looks after the workers. It serves nobody itself."""

    def __init__(self, placeholder: socket.socket, workers: int, serve: Serve) -> None:
        """Prepare to run so many workers.

        `placeholder` is bound to the port, and keeps it while no worker has it. `serve` is called
        in each worker, and gives its exit code.
        """
        self._placeholder = placeholder
        self._serve = serve
        self._board = Board(workers)
        self._threads = max(1, cores() // workers)
        # The first one is the last to start: when it says that it is ready, all are listening.
        self._workers = [_Worker(number) for number in reversed(range(workers))]
        self._signals = (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM)
        self._ending = False
        self._code = 0

    def run(self) -> int:
        """Serve until SIGINT or SIGTERM; return 0, or the exit code of a worker that gave up."""
        # Signals are taken where they are waited for: none comes between a fork and its note.
        signal.pthread_sigmask(signal.SIG_BLOCK, self._signals)
        self._start_due()
        while any(worker.pid for worker in self._workers) or not self._ending:
            received = signal.sigtimedwait(self._signals, self._pause_s())
            if received is not None and received.si_signo != signal.SIGCHLD:
                self._end_all()
            self._bury()
            self._start_due()
        return self._code

    def _start_due(self) -> None:
        for worker in self._workers:
            if worker.pid is None and not self._ending and worker.due_s <= time.monotonic():
                self._start(worker)

    def _start(self, worker: _Worker) -> None:
        place = Place(self._board, worker.number, self._threads, os.getpid())
        with self._listen() as listener:
            worker.pid = os.fork() or self._work(listener, place)
        worker.started_s = time.monotonic()

    def _listen(self) -> socket.socket:
        # Listening already, so that nobody is refused while the worker gets up.
        listener = share(self._placeholder.family, self._placeholder.getsockname())
        listener.listen(_BACKLOG)
        return listener

    def _work(self, listener: socket.socket, place: Place) -> NoReturn:
        """Be a worker (in a new process)."""
        code = CRASHED
        try:
            self._placeholder.close()
            # A terminal sends SIGINT to all processes; the supervisor passes it on as SIGTERM.
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD, signal.SIGTERM})
            code = self._serve(listener, place)
        except BaseException:  # noqa: BLE001 - it is logged, and the process ends
            fault()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _end_all(self) -> None:
        self._ending = True
        for worker in self._workers:
            if worker.pid is not None:
                os.kill(worker.pid, signal.SIGTERM)

    def _bury(self) -> None:
        """Take note of every worker that has ended."""
        for worker in self._workers:
            if worker.pid is None:
                continue
            pid, status = os.waitpid(worker.pid, os.WNOHANG)
            if pid:
                worker.pid = None
                self._board.rows[worker.number].leave()
                self._ended(worker, os.waitstatus_to_exitcode(status))

    def _ended(self, worker: _Worker, code: int) -> None:
        if code == -signal.SIGTERM:
            # It was told to end before it could listen to that.
            code = 0
        if self._ending:
            self._code = self._code or (CRASHED if code < 0 else code)
        elif code > 0 and code != CRASHED:
            # It gave up, and so would another one.
            self._code = code
            self._end_all()
        else:
            self._mourn(worker, f"exit code {code}" if code >= 0 else f"signal {-code}")

    def _mourn(self, worker: _Worker, cause: str) -> None:
        """Say that a worker died, and when it is to be replaced."""
        now_s = time.monotonic()
        if now_s - worker.started_s >= HEALTHY_S:
            worker.pause_s = FIRST_PAUSE_S
        worker.due_s = now_s + worker.pause_s
        say("warning", "worker died", worker=worker.number, cause=cause, again_s=worker.pause_s)
        worker.pause_s = min(2 * worker.pause_s, LONGEST_PAUSE_S)

    def _pause_s(self) -> float:
        """Give the time until a worker is to be started; long if none is."""
        waiting = [worker.due_s for worker in self._workers if worker.pid is None]
        if self._ending or not waiting:
            return 3600.0
        return max(0.0, min(waiting) - time.monotonic())


def share(family: int, address: object) -> socket.socket:
    """Bind a socket to an address that others of this program may be bound to, too."""
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(address)  # type: ignore[arg-type] # as getsockname gave it
    except OSError:
        listener.close()
        raise
    return listener
