"""Records a page's errors and its requests to other servers."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page

# What the browser logs when a server is gone; only tests that stop the server expect it.
LOST_SERVER = (
    r"WebSocket connection to .* failed|Failed to load resource|net::ERR_"
    r"|can’t establish a connection|connection to ws://.* was interrupted|NS_ERROR_"
)
# Playwright's own, while it takes a picture in Firefox.
_OF_PICTURES = r"blocked an inline style \(style-src-elem\)"


class Watch:
    """Records the errors of a page; `verdict` returns the unexpected ones."""

    def __init__(self, page: Page) -> None:
        self._complaints: list[str] = []
        self._expected: list[str] = [_OF_PICTURES]
        self._hosts: set[str] = set()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._complain(f"error: {error}"))
        page.on("request", lambda request: self._request(request.url))
        page.on("websocket", lambda socket: self._request(socket.url))

    def expect(self, pattern: str) -> None:
        """Ignore errors that match a pattern from now on."""
        self._expected.append(pattern)

    def verdict(self) -> list[str]:
        """Return the unexpected errors, including requests to more than one server."""
        found = list(self._complaints)
        if len(self._hosts) > 1:
            found.append(f"requests went to {sorted(self._hosts)}")
        return found

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        self._complain(f"{message.type}: {message.text} ({message.location['url']})")

    def _complain(self, text: str) -> None:
        if not any(re.search(pattern, text) for pattern in self._expected):
            self._complaints.append(text)

    def _request(self, url: str) -> None:
        address = urlsplit(url)
        if address.scheme not in {"data", "blob"}:
            self._hosts.add(address.netloc)
