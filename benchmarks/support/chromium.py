"""Starts the distribution's chromium, with or without a graphics processor."""

import shutil

from playwright.sync_api import Browser, Page, Playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WITHOUT_GPU = ["--disable-gpu"]
WITH_GPU = ["--enable-gpu", "--ignore-gpu-blocklist", "--use-angle=default"]
TIMEOUT_MS = 60_000


def launch(playwright: Playwright, more: list[str]) -> Browser:
    """Start the distribution's chromium."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise SystemExit("Please install chromium.")
    return playwright.chromium.launch(executable_path=program, args=ARGUMENTS + more)


def engine_ready(page: Page) -> None:
    """Wait until the server's kernels are compiled; benchmarks/start.py measures that."""
    status = page.get_by_role("status", name="Connection")
    status.get_by_text("connected", exact=True).wait_for(timeout=TIMEOUT_MS)
