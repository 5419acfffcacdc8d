"""WebSockets that go on reading while a few small messages wait to be looked at."""

from nnvisu.early import WebSocket

MAX_WAITING = 32
"""Messages that may wait before reading pauses."""
SMALL_BYTES = 256
"""What counts as small: an acknowledgement is."""


class EagerWebSocket(WebSocket):
    """Uvicorn's WebSocket, which by itself stops reading after every message until it is taken.

    That bounds what waits, but to stop and to go on costs two system calls, which is most of what
    an acknowledgement costs. Small messages are bounded by their number instead.
    """

    def send_receive_event_to_app(self) -> None:
        """Queue the message that has just become whole, and pause only where that is needed."""
        small = sum(map(len, self.frames)) <= SMALL_BYTES and self.queue.qsize() < MAX_WAITING
        paused = self.read_paused
        # Whoever is paused already does not pause.
        self.read_paused = paused or small
        super().send_receive_event_to_app()
        self.read_paused = paused or not small
