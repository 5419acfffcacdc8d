"""A WebKitGTK browser that Playwright drives over WebDriver BiDi, as it drives Firefox.

The distribution's WebKit has no WebDriver BiDi, and Playwright needs a WebKit of its own. So
`browser.py` is a browser with the part of the protocol that the tests use. The system's Python runs
it, because the bindings to WebKitGTK come from the distribution's packages.
"""

import shutil
from pathlib import Path

PYTHON = "/usr/bin/python3"
ROOT = Path(__file__).parents[3]


def launcher(folder: Path) -> Path:
    """Write a program that runs the browser, for Playwright's ``executable_path``."""
    assert shutil.which("Xvfb") is not None, "Please install xvfb."
    program = folder / "webkit"
    program.write_text(f'#!/bin/sh\ncd "{ROOT}" && exec {PYTHON} -m {__name__}.browser "$@"\n')
    program.chmod(0o755)
    return program
