"""A TCP relay that can drop connections silently, as a network does while a machine sleeps."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

CHUNK_BYTES = 65_536


class Relay:
    """Forwards bytes to a port of this machine.

    Attributes:
        port: The port it listens on.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ends: list[socket.socket] = [self._listener]
        self._forgotten = threading.Event()
        self._threads: list[threading.Thread] = []
        self._run(self._accept)

    def forget(self) -> None:
        """Discard all further bytes of the existing connections, without closing them."""
        self._forgotten.set()
        self._forgotten = threading.Event()

    def close(self) -> None:
        """Close all connections."""
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        for thread in self._threads:
            thread.join()

    def _run(self, act: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=act, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                self._ends += [near, far]
                self._run(self._forward, near, far, self._forgotten)
                self._run(self._forward, far, near, self._forgotten)

    @staticmethod
    def _forward(source: socket.socket, sink: socket.socket, forgotten: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(CHUNK_BYTES):
                if not forgotten.is_set():
                    sink.sendall(chunk)
            if not forgotten.is_set():
                sink.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def relayed(target: int) -> Iterator[Relay]:
    """Run a relay to a port for the duration of the block."""
    relay = Relay(target)
    try:
        yield relay
    finally:
        relay.close()
