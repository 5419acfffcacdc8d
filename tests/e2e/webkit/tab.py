"""One page of the browser: its view, its script worlds and its pictures."""

import base64
import json
from collections import deque
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from gi.repository import Gdk, Gtk, WebKit2

REMOTE = Path(__file__).with_name("remote.js").read_text()
UTILITY = "utility"
SCRIPTS = {"expression", "callbackText", "functionText"}
"""Names of scripts among the arguments of Playwright's functions."""
Answer = Callable[[dict[str, Any]], None]
Send = Callable[[str, dict[str, Any]], None]
_numbers = count(1)


class Tab:
    """One page; what it does and what happens to it is told in words of WebDriver BiDi."""

    def __init__(
        self,
        user: str,
        size: tuple[int, int],
        send: Send,
        scripts: list[str],
        **origin: Any,
    ) -> None:
        self.context = f"page-{next(_numbers)}"
        self.user = user
        self._send = send
        self._navigation: str | None = None
        self._realms: dict[str, str] = {}
        self._running: dict[int, Answer] = {}
        self._after_load: deque[Callable[[], None]] = deque()
        # A page that another opens shares its scripts.
        shared = origin.pop("user_content_manager", None)
        self.content = shared or WebKit2.UserContentManager()
        if shared is None:
            for world in (None, UTILITY):
                self._add(REMOTE, world)
            for script in scripts:
                self.add_script(script)
        settings = WebKit2.Settings()
        settings.set_property("enable-write-console-messages-to-stdout", True)
        settings.set_property("enable-smooth-scrolling", False)
        # The user's web context, or the view of the page that opens this one.
        self.view = WebKit2.WebView(user_content_manager=self.content, settings=settings, **origin)
        self.window = Gtk.Window(type=Gtk.WindowType.TOPLEVEL)
        self.window.set_decorated(False)
        self.window.add(self.view)
        self.resize(size)
        self.view.connect("load-changed", self._load_changed)
        self.view.connect("load-failed", self._load_failed)
        self.view.connect("notify::uri", self._address_changed)
        self.window.show_all()
        self.window.move(0, 0)

    # Scripts

    def add_script(self, declaration: str) -> None:
        """Run a function in each document, before the page's own scripts."""
        self._add(f"({declaration})()", None)

    def _add(self, source: str, world: str | None) -> None:
        frames = WebKit2.UserContentInjectedFrames.TOP_FRAME
        start = WebKit2.UserScriptInjectionTime.START
        script = (
            WebKit2.UserScript.new(source, frames, start, None, None)
            if world is None
            else WebKit2.UserScript.new_for_world(source, frames, start, world, None, None)
        )
        self.content.add_script(script)

    def realm(self, world: str | None) -> str:
        """Return the name of a script world of the document that is shown."""
        return self._realms.setdefault(world or "", f"realm-{next(_numbers)}")

    def run(self, body: str, world: str | None, answer: Answer) -> None:
        """Run the body of an asynchronous function; `answer` gets what its JSON text says."""
        number = next(_numbers)
        self._running[number] = answer

        def finished(view: Any, result: Any) -> None:
            waiting = self._running.pop(number, None)
            if waiting is None:
                return
            try:
                text = view.call_async_javascript_function_finish(result).to_string()
                said = json.loads(text)
            except Exception as error:  # noqa: BLE001 - GLib's, which are told to the caller
                said = {"type": "exception", "exceptionDetails": {"text": str(error)}}
            said.setdefault("realm", self.realm(world))
            waiting(said)

        self.view.call_async_javascript_function(body, -1, None, world, None, None, finished)

    def call(self, world: str | None, parameters: dict[str, Any], answer: Answer) -> None:
        """Do BiDi's script.callFunction, in the world of this name or the page's own."""
        declaration = parameters["functionDeclaration"]
        values = parameters.get("arguments", [])
        depth = parameters.get("serializationOptions", {}).get("maxObjectDepth", 10)
        options = {
            "world": world or "main",
            "context": self.context,
            "deep": depth != 0,
            "own": parameters.get("resultOwnership") == "root",
        }
        for shared in (value["sharedId"] for value in values if "sharedId" in value):
            origin = None if shared.startswith("main:") else UTILITY
            if origin != world:
                self._do("expect", shared, world)
                self._do("show", shared, origin)
        scripts = set(_scripts(values)) if world is None else set()
        known = ", ".join(f"[{json.dumps(script)}, () => (\n{script}\n)]" for script in scripts)
        self.run(
            f"return testsRemote.call((\n{declaration}\n), {json.dumps(values)},"
            f" {json.dumps(options)}, [{known}])",
            world,
            answer,
        )

    def _do(self, what: str, shared: str, world: str | None) -> None:
        self.run(f"testsRemote.{what}({json.dumps(shared)}); return '{{}}'", world, lambda _: None)

    # Navigation

    def navigate(self, go: Callable[[], None], done: Callable[[str], None]) -> None:
        """Let `go` load a document; `done` gets the name of the navigation when it has begun."""
        self._after_load.append(lambda: done(self._navigation or ""))
        go()

    def _tell(self, what: str, **more: Any) -> None:
        self._send(f"browsingContext.{what}", {"context": self.context, "timestamp": 0, **more})

    def _load_changed(self, view: Any, event: Any) -> None:
        address = view.get_uri() or "about:blank"
        name = self._navigation
        if event == WebKit2.LoadEvent.STARTED:
            name = self._navigation = f"navigation-{next(_numbers)}"
            self._tell("navigationStarted", navigation=name, url=address)
        elif event == WebKit2.LoadEvent.COMMITTED:
            self._renew()
            self._tell("navigationCommitted", navigation=name, url=address)
            self.announce()
            while self._after_load:
                self._after_load.popleft()()
        elif event == WebKit2.LoadEvent.FINISHED:
            self._tell("domContentLoaded", navigation=name, url=address)
            self._tell("load", navigation=name, url=address)
            self._navigation = None

    def _load_failed(self, _view: Any, _event: Any, address: str, _error: Any) -> bool:
        self._tell("navigationFailed", navigation=self._navigation, url=address)
        while self._after_load:
            self._after_load.popleft()()
        return False

    def _address_changed(self, view: Any, _property: Any) -> None:
        if not view.is_loading():
            self._tell("historyUpdated", url=view.get_uri() or "about:blank")

    def _renew(self) -> None:
        """Forget the worlds of the last document, and what ran in them."""
        for realm in self._realms.values():
            self._send("script.realmDestroyed", {"realm": realm})
        self._realms.clear()
        gone = {"type": "exception", "exceptionDetails": {"text": "the document is gone"}}
        running, self._running = self._running, {}
        for answer in running.values():
            answer({**gone, "realm": ""})

    def announce(self) -> None:
        """Tell of the document's own script world."""
        self._send(
            "script.realmCreated",
            {"realm": self.realm(None), "type": "window", "context": self.context, "origin": ""},
        )

    # What a person sees and does

    def resize(self, size: tuple[int, int]) -> None:
        """Give the page a size in CSS pixels."""
        self.view.set_size_request(*size)
        self.window.resize(*size)

    def to_front(self) -> None:
        """Show this window above the others, and let it have the keyboard."""
        window = self.window.get_window()
        if window is not None:
            window.raise_()
            window.focus(Gdk.CURRENT_TIME)
        self.view.grab_focus()

    def picture(self, clip: dict[str, float]) -> str:
        """Return a part of what the screen shows, as PNG in base64."""
        window = self.view.get_window()
        left, top = round(clip["x"]), round(clip["y"])
        width = min(round(clip["width"]), window.get_width() - left)
        height = min(round(clip["height"]), window.get_height() - top)
        pixels = Gdk.pixbuf_get_from_window(window, left, top, width, height)
        _, data = pixels.save_to_bufferv("png", [], [])
        return base64.b64encode(data).decode()

    def close(self) -> None:
        """Close the window."""
        self._renew()
        self.window.destroy()
        self._tell("contextDestroyed", url="", userContext=self.user, children=None)


def _scripts(values: list[dict[str, Any]]) -> Iterator[str]:
    """Find the scripts among a function's arguments, which Playwright lets it evaluate.

    The fourth is the script of `evaluate`. Within later ones a pair of key and value may hold one.
    """
    if len(values) > 3 and values[3].get("type") == "string":
        yield values[3]["value"]
    for value in values[4:]:
        yield from _pairs(value)


def _pairs(value: dict[str, Any]) -> Iterator[str]:
    if value.get("type") == "array":
        for item in value["value"]:
            yield from _pairs(item)
    elif value.get("type") == "object":
        members = {_text(key): item for key, item in value["value"]}
        if _text(members.get("k")) in SCRIPTS:
            yield _text(members["v"])
        for item in members.values():
            yield from _pairs(item)


def _text(value: Any) -> str:
    return str(value.get("value")) if isinstance(value, dict) else str(value)
