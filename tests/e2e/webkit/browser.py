"""The browser as a program: WebDriver BiDi on a WebSocket, of which it knows what the tests use.

Playwright starts it as if it were Firefox. https://w3c.github.io/webdriver-bidi/
"""

import json
import os
import re
import signal
import sys
from collections.abc import Callable
from itertools import count
from typing import Any

from tests.e2e.webkit import display

# Before GTK is loaded. Without a compositor, what is shown can be read from the screen.
display.start()
os.environ.update(WEBKIT_DISABLE_COMPOSITING_MODE="1", GDK_BACKEND="x11", LANG="en_US.UTF-8")
os.environ.update(NO_AT_BRIDGE="1", GTK_A11Y="none", GSETTINGS_BACKEND="memory")

import gi  # noqa: E402

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
gi.require_version("Soup", "3.0")
from gi.repository import GLib, Gtk, Soup, WebKit2  # noqa: E402

from tests.e2e.webkit.tab import UTILITY, Answer, Tab  # noqa: E402

Parameters = dict[str, Any]
EVENTS = {
    "pointerMove": "mousemove",
    "pointerDown": "mousedown",
    "pointerUp": "mouseup",
    "keyDown": "keydown",
    "keyUp": "keyup",
    "scroll": "wheel",
}
PATIENCE_MS = 250
"""How long to wait until the page has handled an input event; some it does not get."""
_MESSAGE = re.compile(
    r"^(?:(?P<where>\S*?):\d+:\d+: )?CONSOLE (?P<kind>.*?)(?P<level>ERROR|WARN) (?P<text>.*)$"
)


class RefusedError(Exception):
    """A command that cannot be done."""


class Browser:
    """The tabs of all users, and the one client that commands them."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._users: dict[str, Any] = {}
        self._tabs: dict[str, Tab] = {}
        self._sizes: dict[str, tuple[int, int]] = {}
        self._scripts: dict[str, list[str]] = {}
        self._client: Any = None
        self._devices = display.Devices()
        self._commands: dict[str, Callable[[Parameters, Answer], None]] = {
            "session.new": self._new_session,
            "browser.close": self._close,
            "browser.createUserContext": self._new_user,
            "browser.removeUserContext": self._remove_user,
            "browsingContext.create": self._new_tab,
            "browsingContext.close": self._close_tab,
            "browsingContext.activate": self._activate,
            "browsingContext.navigate": self._navigate,
            "browsingContext.reload": self._reload,
            "browsingContext.traverseHistory": self._traverse,
            "browsingContext.setViewport": self._set_viewport,
            "browsingContext.captureScreenshot": self._picture,
            "script.addPreloadScript": self._add_script,
            "script.evaluate": self._evaluate,
            "script.callFunction": self._call,
            "script.disown": self._disown,
            "input.performActions": self._perform,
            "emulation.setMediaFeaturesOverride": self._media,
        }
        self._ignored = {
            *("session.subscribe", "network.addIntercept", "network.addDataCollector"),
            *("browser.setDownloadBehavior", "emulation.setScreenOrientationOverride"),
            *("emulation.setScreenSettingsOverride", "script.removePreloadScript"),
        }

    # Messages

    def serve(self) -> int:
        """Wait for the client; return the port."""
        server = Soup.Server()
        server.add_websocket_handler("/session", None, None, self._connected)
        server.listen_local(0, Soup.ServerListenOptions.IPV4_ONLY)
        self._server = server
        return int(server.get_uris()[0].get_port())

    def _connected(self, _server: Any, _message: Any, _path: str, connection: Any) -> None:
        connection.set_max_incoming_payload_size(0)
        connection.connect("message", self._message)
        connection.connect("closed", lambda _: Gtk.main_quit())
        self._client = connection

    def send(self, method: str, parameters: Parameters) -> None:
        """Tell the client of an event."""
        self._write({"type": "event", "method": method, "params": parameters})

    def _write(self, message: Parameters) -> None:
        if self._client is not None:
            self._client.send_text(json.dumps(message))

    def _message(self, _connection: Any, _kind: Any, data: Any) -> None:
        message = json.loads(data.get_data())
        number, method = message["id"], message["method"]

        def answer(result: Parameters) -> None:
            self._write({"type": "success", "id": number, "result": result})

        command = self._commands.get(method)
        try:
            if command is not None:
                command(message["params"], answer)
            elif method in self._ignored:
                answer({"intercept": "-", "collector": "-", "subscription": "-"})
            else:
                raise RefusedError(f"{method} is not known to this browser")
        except Exception as error:  # noqa: BLE001 - told to the client, whose test fails
            said = {"error": "unsupported operation", "message": f"{method}: {error!r}"}
            self._write({"type": "error", "id": number, **said})

    def log(self, level: str, kind: str, text: str) -> None:
        """Tell of a message on the console; WebKit does not say whose it is."""
        for tab in self._tabs.values():
            entry = {
                "level": level,
                "source": {"realm": tab.realm(None), "context": tab.context},
                "text": text,
                "timestamp": 0,
                "type": kind,
                "method": level,
                "args": [{"type": "string", "value": text}],
            }
            self.send("log.entryAdded", entry)

    # Users and tabs

    def _new_session(self, _parameters: Parameters, answer: Answer) -> None:
        version = f"{WebKit2.get_major_version()}.{WebKit2.get_minor_version()}"
        capabilities = {"browserName": "webkit", "browserVersion": version, "userAgent": ""}
        answer({"sessionId": "session", "capabilities": capabilities})

    def _close(self, _parameters: Parameters, answer: Answer) -> None:
        answer({})
        GLib.idle_add(Gtk.main_quit)

    def _new_user(self, _parameters: Parameters, answer: Answer) -> None:
        name = f"user-{next(self._numbers)}"
        self._users[name] = WebKit2.WebContext.new_ephemeral()
        self._scripts[name] = []
        answer({"userContext": name})

    def _remove_user(self, parameters: Parameters, answer: Answer) -> None:
        name = parameters["userContext"]
        for tab in [tab for tab in self._tabs.values() if tab.user == name]:
            self._forget(tab)
        del self._users[name]
        answer({})

    def _new_tab(self, parameters: Parameters, answer: Answer) -> None:
        user = parameters["userContext"]
        tab = self._tab_of(user, web_context=self._users[user])

        def loaded(_navigation: str) -> None:
            self._introduce(tab)
            answer({"context": tab.context})

        tab.navigate(lambda: tab.view.load_uri("about:blank"), loaded)

    def _tab_of(self, user: str, **origin: Any) -> Tab:
        size = self._sizes.get(user, (1280, 720))
        tab = Tab(user, size, self.send, self._scripts[user], **origin)

        def opened(_view: Any, _action: Any) -> Any:
            other = self._tab_of(user, related_view=tab.view, user_content_manager=tab.content)
            self._introduce(other, tab.context)
            return other.view

        tab.view.connect("create", opened)
        return tab

    def _introduce(self, tab: Tab, opener: str | None = None) -> None:
        self._tabs[tab.context] = tab
        created = {"context": tab.context, "url": "about:blank", "userContext": tab.user}
        more = {"parent": None, "children": None, "originalOpener": opener, "clientWindow": ""}
        self.send("browsingContext.contextCreated", {**created, **more})
        tab.announce()

    def _tab(self, parameters: Parameters) -> Tab:
        name = parameters.get("context") or parameters["target"].get("context")
        if name not in self._tabs:
            raise RefusedError(f"no such page: {name}")
        return self._tabs[name]

    def _forget(self, tab: Tab) -> None:
        tab.close()
        del self._tabs[tab.context]

    def _close_tab(self, parameters: Parameters, answer: Answer) -> None:
        self._forget(self._tab(parameters))
        answer({})

    def _activate(self, parameters: Parameters, answer: Answer) -> None:
        self._tab(parameters).to_front()
        answer({})

    def _navigate(self, parameters: Parameters, answer: Answer) -> None:
        tab, address = self._tab(parameters), parameters["url"]
        tab.navigate(
            lambda: tab.view.load_uri(address),
            lambda navigation: answer({"navigation": navigation, "url": address}),
        )

    def _reload(self, parameters: Parameters, answer: Answer) -> None:
        tab = self._tab(parameters)
        address = tab.view.get_uri()
        tab.navigate(
            tab.view.reload,
            lambda navigation: answer({"navigation": navigation, "url": address}),
        )

    def _traverse(self, parameters: Parameters, answer: Answer) -> None:
        tab = self._tab(parameters)
        back = parameters["delta"] < 0
        if not (tab.view.can_go_back() if back else tab.view.can_go_forward()):
            raise RefusedError("no such history entry")
        (tab.view.go_back if back else tab.view.go_forward)()
        answer({})

    def _set_viewport(self, parameters: Parameters, answer: Answer) -> None:
        if parameters.get("devicePixelRatio") not in {None, 1}:
            raise RefusedError("another pixel ratio than 1")
        viewport = parameters.get("viewport")
        size = (viewport["width"], viewport["height"]) if viewport else (1280, 720)
        for user in parameters.get("userContexts", []):
            self._sizes[user] = size
        if "context" not in parameters:
            answer({})
            return
        tab = self._tab(parameters)
        tab.resize(size)
        # The window gets its size some time after it was asked for.
        there = f"innerWidth === {size[0]} && innerHeight === {size[1]}"
        frame = "await new Promise(requestAnimationFrame)"
        wait = f"for (let k = 0; k < 120 && !({there}); k += 1) {frame}; {frame}"
        tab.run(f"{wait}; return '{{}}'", UTILITY, lambda _: answer({}))

    def _media(self, parameters: Parameters, answer: Answer) -> None:
        features = parameters.get("features") or {}
        settings = Gtk.Settings.get_default()
        dark = features.get("prefers-color-scheme") == "dark"
        still = features.get("prefers-reduced-motion") == "reduce"
        settings.set_property("gtk-application-prefer-dark-theme", dark)
        settings.set_property("gtk-enable-animations", not still)
        answer({})

    # Scripts

    def _add_script(self, parameters: Parameters, answer: Answer) -> None:
        declaration = parameters["functionDeclaration"]
        for user in parameters.get("userContexts", []):
            self._scripts[user].append(declaration)
        for tab in self._tabs.values():
            named = parameters.get("contexts", []), parameters.get("userContexts", [])
            if tab.context in named[0] or tab.user in named[1]:
                tab.add_script(declaration)
        answer({"script": f"script-{next(self._numbers)}"})

    def _world(self, parameters: Parameters) -> str | None:
        return UTILITY if parameters["target"].get("sandbox") else None

    def _evaluate(self, parameters: Parameters, answer: Answer) -> None:
        expression = parameters["expression"].rstrip("; \n")
        self._call({**parameters, "functionDeclaration": f"() => (\n{expression}\n)"}, answer)

    def _call(self, parameters: Parameters, answer: Answer) -> None:
        self._tab(parameters).call(self._world(parameters), parameters, answer)

    def _disown(self, parameters: Parameters, answer: Answer) -> None:
        handles = json.dumps(parameters["handles"])
        body = f"testsRemote.disown({handles}); return '{{}}'"
        self._tab(parameters).run(body, self._world(parameters), lambda _: answer({}))

    # Pictures and input

    def _picture(self, parameters: Parameters, answer: Answer) -> None:
        tab = self._tab(parameters)
        tab.to_front()
        frame = "await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"

        def painted(_: Parameters) -> None:
            answer({"data": tab.picture(parameters["clip"])})

        tab.run(f"{frame}; {frame}; return '{{}}'", UTILITY, painted)

    def _perform(self, parameters: Parameters, answer: Answer) -> None:
        tab = self._tab(parameters)
        steps = [(source, step) for source in parameters["actions"] for step in source["actions"]]
        for source, _ in steps:
            kind = source.get("parameters", {}).get("pointerType", "mouse")
            if kind != "mouse":
                raise RefusedError(f"input by {kind}")
        if not tab.view.has_focus() or not tab.window.is_active():
            tab.to_front()
        self._go_on(tab, steps, answer)

    def _go_on(self, tab: Tab, steps: list[tuple[Parameters, Parameters]], answer: Answer) -> None:
        if not steps:
            answer({})
            return
        (_, step), *rest = steps
        name = EVENTS.get(step["type"])

        def make(said: Parameters) -> None:
            made = self._act(step)
            if made and "heard" in said:
                wait = f"await testsRemote.hear('{name}', {said['heard']}, {PATIENCE_MS})"
                tab.run(f"{wait}; return '{{}}'", UTILITY, lambda _: self._go_on(tab, rest, answer))
            else:
                self._go_on(tab, rest, answer)

        tab.run(f"return JSON.stringify({{heard: testsRemote.heard.{name}}})", UTILITY, make)

    def _act(self, step: Parameters) -> bool:
        """Make one input event; return whether the page will get one."""
        kind: str = step["type"]
        if kind == "pointerMove":
            return self._devices.move(round(step["x"]), round(step["y"]))
        if kind in {"pointerDown", "pointerUp"}:
            self._devices.button(step["button"], down=kind == "pointerDown")
        elif kind in {"keyDown", "keyUp"}:
            self._devices.key(step["value"], down=kind == "keyDown")
        elif kind == "scroll":
            self._devices.move(step["x"], step["y"])
            across, along = step["deltaX"], step["deltaY"]
            for _ in range(max(1, round(max(abs(across), abs(along)) / 100))):
                vertical = "down" if along > 0 else "up"
                self._devices.scroll(vertical if along else "right" if across > 0 else "left")
        return kind != "pause"


def console(browser: Browser) -> None:
    """Read what WebKit's processes print, and pass on the pages' errors and warnings."""
    read, write = os.pipe()
    os.dup2(write, sys.stdout.fileno())
    rest = b""

    def readable(_source: Any, _condition: Any) -> bool:
        nonlocal rest
        *lines, rest = (rest + os.read(read, 65_536)).split(b"\n")
        for found in (_MESSAGE.match(line.decode(errors="replace")) for line in lines):
            if found is not None:
                level = "error" if found["level"] == "ERROR" else "warn"
                thrown = found["kind"].startswith("JS") and level == "error"
                said = f"{found['text']} {found['where'] or ''}".rstrip()
                browser.log(level, "javascript" if thrown else "console", said)
        return True

    GLib.io_add_watch(read, GLib.IO_IN, readable)


def main() -> None:
    """Run the browser until its client leaves."""
    browser = Browser()
    console(browser)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, Gtk.main_quit)
    port = browser.serve()
    print(f"WebDriver BiDi listening on ws://127.0.0.1:{port}", file=sys.stderr, flush=True)  # noqa: T201
    Gtk.main()


if __name__ == "__main__":
    main()
