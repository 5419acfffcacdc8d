"""Take the README's picture: the real page while it learns two moons.

``python scripts/picture.py docs/picture.png`` starts a server, opens the page in chromium at
1440x900, and takes the picture during training.
"""

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

EPOCHS = 400


@contextmanager
def serving() -> Iterator[str]:
    """Run the server on a free port; yield its URL."""
    command = [sys.executable, "-m", "nnvisu", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        greeting = process.stdout.readline() if process.stdout else ""
        address = re.search(r"http://\S+", greeting)
        if address is None:
            raise SystemExit("The server did not start.")
        try:
            yield address[0]
        finally:
            process.terminate()


def take(address: str, target: Path) -> None:
    """Train the example of a first visit, and save a picture of the page during training."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": 1440, "height": 900},
            device_scale_factor=1.5,
            color_scheme="light",
        )
        page.goto(address)
        dismiss = page.get_by_role("button", name=re.compile("dismiss|got it", re.IGNORECASE))
        page.get_by_role("button", name="Train", exact=True).wait_for()
        if dismiss.count():
            dismiss.first.click()
        page.get_by_role("button", name="Train", exact=True).click()
        page.wait_for_function(
            "epochs => window.nnvisu.experiment().epoch >= epochs", arg=EPOCHS, timeout=60_000
        )
        page.screenshot(path=target, animations="disabled")
        browser.close()


def main() -> None:
    """Take the picture."""
    parser = argparse.ArgumentParser(description="Take the README's picture.")
    parser.add_argument("target", type=Path, help="the PNG to write")
    target = parser.parse_args().target
    target.parent.mkdir(parents=True, exist_ok=True)
    with serving() as address:
        take(address, target)


if __name__ == "__main__":
    main()
