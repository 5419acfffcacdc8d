"""Starts several worker processes on one port, restarts them when they die, and ends them together.

Only Linux balances the connections to a port over several sockets (SO_REUSEPORT); elsewhere there
is one process. Each worker has its own listening socket. When a worker dies, its socket closes,
and new connections go to the other workers until it is restarted.
"""

import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from nnvisu.observability.logs import log, log_exception
from nnvisu.processes.cpu_count import cpu_count
from nnvisu.processes.shared_memory import SharedCounters, WorkerContext

SUPPORTED = sys.platform == "linux"
CRASHED = 70
"""Exit code of a worker that raised an exception. After any other code but 0, the server ends."""
FIRST_DELAY_S = 0.1
"""Before the first restart of a worker; doubles with each further one."""
MAX_DELAY_S = 10.0
HEALTHY_S = 30.0
"""After this uptime the restart delay begins at `FIRST_DELAY_S` again."""
_BACKLOG = 2048
KILLED_AFTER_S = 1.6
"""After SIGTERM, a worker that has not ended by then is stopped or hangs, and is killed."""

Serve = Callable[[socket.socket, WorkerContext], int]


@dataclass
class _Worker:
    number: int
    pid: int | None = None
    due_s: float = 0.0
    """When to start it (`time.monotonic`), if it is not running."""
    started_s: float = 0.0
    delay_s: float = FIRST_DELAY_S
    """Before the next restart."""
    killed: bool = False
    """Whether the supervisor has killed it."""


class Supervisor:
    """The parent process of the workers. It serves no requests itself."""

    def __init__(self, placeholder: socket.socket, workers: int, serve: Serve) -> None:
        """Prepare to run ``workers`` processes.

        ``placeholder`` is bound to the port and keeps it while no worker listens. ``serve`` is
        called in each worker and returns its exit code.
        """
        self._placeholder = placeholder
        self._serve = serve
        self._counters = SharedCounters(workers)
        self._threads = max(1, cpu_count() // workers)
        # Worker 0 starts last: when it prints that the server is ready, all are listening.
        self._workers = [_Worker(number) for number in reversed(range(workers))]
        self._signals = (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM)
        self._ending = False
        self._kill_s = 0.0
        """When to kill the workers that are left, once they are to end (`time.monotonic`)."""
        self._code = 0

    def run(self) -> int:
        """Serve until SIGINT or SIGTERM; return 0, or the exit code of a worker that failed."""
        # An ignored SIGCHLD, which may be inherited, would leave nothing to wait for.
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # Blocked, so that no signal arrives between a fork and the note of its process id.
        signal.pthread_sigmask(signal.SIG_BLOCK, self._signals)
        self._start_due()
        while any(worker.pid for worker in self._workers) or not self._ending:
            received = signal.sigtimedwait(self._signals, self._timeout_s())
            if received is not None and received.si_signo != signal.SIGCHLD:
                self._end_all()
            self._reap()
            self._kill_hanging()
            self._start_due()
        return self._code

    def _start_due(self) -> None:
        for worker in self._workers:
            if worker.pid is None and not self._ending and worker.due_s <= time.monotonic():
                self._start(worker)

    def _start(self, worker: _Worker) -> None:
        again = worker.started_s > 0
        context = WorkerContext(self._counters, worker.number, self._threads, os.getpid(), again)
        with self._listen() as listener:
            worker.pid = os.fork() or self._serve_in_child(listener, context)
        worker.started_s = time.monotonic()

    def _listen(self) -> socket.socket:
        # Listens before the fork, so that connections are queued while the worker starts.
        listener = share(self._placeholder.family, self._placeholder.getsockname())
        listener.listen(_BACKLOG)
        return listener

    def _serve_in_child(self, listener: socket.socket, context: WorkerContext) -> NoReturn:
        """Serve in a new worker process, and exit."""
        code = CRASHED
        try:
            self._placeholder.close()
            # SIGINT stays blocked: a terminal sends it to all processes, but the supervisor ends
            # the workers, with SIGTERM.
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD, signal.SIGTERM})
            code = self._serve(listener, context)
        except BaseException:  # noqa: BLE001 - logged before the process ends
            log_exception()
        finally:
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(OSError, ValueError):
                    stream.flush()
            os._exit(code)

    def _end_all(self) -> None:
        self._ending = True
        self._kill_s = self._kill_s or time.monotonic() + KILLED_AFTER_S
        for worker in self._workers:
            if worker.pid is not None:
                os.kill(worker.pid, signal.SIGTERM)

    def _kill_hanging(self) -> None:
        """Kill the workers that have not ended in time."""
        if not self._ending or time.monotonic() < self._kill_s:
            return
        for worker in self._workers:
            if worker.pid is not None and not worker.killed:
                worker.killed = True
                log("warning", "worker killed", worker=worker.number)
                os.kill(worker.pid, signal.SIGKILL)

    def _reap(self) -> None:
        """Collect the workers that have exited."""
        for worker in self._workers:
            if worker.pid is None:
                continue
            pid, status = os.waitpid(worker.pid, os.WNOHANG)
            if pid:
                worker.pid = None
                self._counters.workers[worker.number].clear()
                self._handle_exit(worker, os.waitstatus_to_exitcode(status))

    def _handle_exit(self, worker: _Worker, code: int) -> None:
        if code == -signal.SIGTERM or worker.killed:
            # The signal came before the worker had installed its handler, or was not handled.
            code = 0
        if self._ending:
            self._code = self._code or (CRASHED if code < 0 else code)
        elif code > 0 and code != CRASHED:
            # It cannot serve, and neither could its replacement.
            self._code = code
            self._end_all()
        else:
            self._schedule_restart(worker, f"exit code {code}" if code >= 0 else f"signal {-code}")

    def _schedule_restart(self, worker: _Worker, cause: str) -> None:
        """Log that a worker died, and set when to start it again."""
        now_s = time.monotonic()
        if now_s - worker.started_s >= HEALTHY_S:
            worker.delay_s = FIRST_DELAY_S
        worker.due_s = now_s + worker.delay_s
        log("warning", "worker died", worker=worker.number, cause=cause, again_s=worker.delay_s)
        worker.delay_s = min(2 * worker.delay_s, MAX_DELAY_S)

    def _timeout_s(self) -> float:
        """Return the time until the next restart; an hour if none is due."""
        waiting = [worker.due_s for worker in self._workers if worker.pid is None]
        if self._ending and any(worker.pid and not worker.killed for worker in self._workers):
            return max(0.0, self._kill_s - time.monotonic())
        if self._ending or not waiting:
            return 3600.0
        return max(0.0, min(waiting) - time.monotonic())


def share(family: int, address: object) -> socket.socket:
    """Bind a socket to an address with SO_REUSEPORT, so that further sockets can share it."""
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(address)  # type: ignore[arg-type] # as getsockname gave it
    except OSError:
        listener.close()
        raise
    return listener
