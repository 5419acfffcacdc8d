"""A screen without a monitor, and a mouse and a keyboard for it.

Events are made by the X server (XTEST), as a real device makes them.
https://www.x.org/releases/current/doc/xextproto/xtest.html
"""

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Iterator

WIDTH, HEIGHT = 2600, 2200
PR_SET_PDEATHSIG = 1  # prctl(2)
WHEEL = {"up": 4, "down": 5, "left": 6, "right": 7}
SHIFT = 0xFFE1
# https://www.w3.org/TR/webdriver2/#keyboard-actions, and /usr/include/X11/keysymdef.h
KEYSYMS = {
    "\ue003": 0xFF08,
    "\ue004": 0xFF09,
    "\ue006": 0xFF0D,
    "\ue007": 0xFF8D,
    "\ue008": SHIFT,
    "\ue009": 0xFFE3,
    "\ue00a": 0xFFE9,
    "\ue00c": 0xFF1B,
    "\ue00e": 0xFF55,
    "\ue00f": 0xFF56,
    "\ue010": 0xFF57,
    "\ue011": 0xFF50,
    "\ue012": 0xFF51,
    "\ue013": 0xFF52,
    "\ue014": 0xFF53,
    "\ue015": 0xFF54,
    "\ue016": 0xFF63,
    "\ue017": 0xFFFF,
    "\ue03d": 0xFFEB,
    "\ue050": 0xFFE2,
    **{chr(0xE031 + number): 0xFFBE + number for number in range(12)},
}


def start() -> None:
    """Start Xvfb, and name it in the environment; it ends with this process."""
    read, write = os.pipe()
    libc = ctypes.CDLL(None)
    screen = ("-screen", "0", f"{WIDTH}x{HEIGHT}x24")
    subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), *screen, "-nolisten", "tcp", "-noreset"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
    )
    os.close(write)
    with os.fdopen(read) as answer:
        os.environ["DISPLAY"] = f":{answer.readline().strip()}"


class Devices:
    """The mouse and the keyboard of the screen."""

    def __init__(self) -> None:
        self._x = ctypes.CDLL("libX11.so.6")
        self._test = ctypes.CDLL("libXtst.so.6")
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._x.XKeysymToKeycode.restype = ctypes.c_ubyte
        self._x.XKeycodeToKeysym.restype = ctypes.c_ulong
        self._display = ctypes.c_void_p(self._x.XOpenDisplay(None))
        self._place: tuple[int, int] | None = None
        self._held: set[str] = set()
        self._spare: Iterator[int] = iter(range(255, 200, -1))

    def _make(self, function: Callable[..., int], *arguments: int) -> None:
        function(self._display, *arguments, ctypes.c_ulong(0))
        self._x.XSync(self._display, 0)

    def move(self, x: int, y: int) -> bool:
        """Move the pointer; return whether it moved."""
        if self._place == (x, y):
            return False
        self._place = (x, y)
        self._make(self._test.XTestFakeMotionEvent, 0, x, y)
        return True

    def button(self, number: int, *, down: bool) -> None:
        """Press or release a button of the mouse; 0 is the main one."""
        self._make(self._test.XTestFakeButtonEvent, number + 1, int(down))

    def scroll(self, direction: str) -> None:
        """Turn the wheel by one step."""
        for down in (1, 0):
            self._make(self._test.XTestFakeButtonEvent, WHEEL[direction], down)

    def key(self, value: str, *, down: bool) -> None:
        """Press or release the key of a character, with Shift where the layout needs it."""
        keysym = KEYSYMS.get(value) or _keysym(value)
        keycode, shifted = self._keycode(keysym)
        shift = down and shifted and not self._held & {"\ue008", "\ue050"}
        left, _ = self._keycode(SHIFT)
        if shift:
            self._make(self._test.XTestFakeKeyEvent, left, 1)
        self._make(self._test.XTestFakeKeyEvent, keycode, int(down))
        if shift:
            self._make(self._test.XTestFakeKeyEvent, left, 0)
        (self._held.add if down else self._held.discard)(value)

    def _keycode(self, keysym: int) -> tuple[int, bool]:
        keycode = self._x.XKeysymToKeycode(self._display, ctypes.c_ulong(keysym))
        if keycode == 0:
            keycode = next(self._spare)
            both = (ctypes.c_ulong * 2)(keysym, keysym)
            self._x.XChangeKeyboardMapping(self._display, keycode, 2, both, 1)
            self._x.XSync(self._display, 0)
        plain = self._x.XKeycodeToKeysym(self._display, keycode, 0)
        return keycode, plain != keysym


def _keysym(character: str) -> int:
    """Return the keysym of a character: Latin-1 has its own codes."""
    code = ord(character)
    return code if code < 0x100 else 0x01000000 + code
