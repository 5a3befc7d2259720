"""Finds the browser that the journeys use, or brings one; a machine without a browser fails, it never skips.

Run as a program (`python -m tests.browser`) it makes sure of one: an installed Chromium, else Playwright's own, else
Debian's package when root.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)
# No sandbox, because a container's root has none; the rest keeps Chromium from calling home while it is being tested.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


def find() -> Path | None:
    """Give the browser's program; None when there is none."""
    named = [os.environ.get("FIELDCHECK_CHROMIUM"), *map(shutil.which, NAMES), *map(str, MAC), _playwrights_own()]
    return next((Path(name) for name in named if name and Path(name).exists()), None)


def _playwrights_own() -> str:
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def bring() -> None:
    """Install a browser by the first means that works."""
    print("No browser found: installing Chromium for the tests", flush=True)
    means = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        means += [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]]
    for command in means:
        subprocess.run(command, check=False, stdin=subprocess.DEVNULL, timeout=600)
        if find():
            return
    sys.exit("No browser for the tests. Install Chromium, or name one in FIELDCHECK_CHROMIUM.")


if __name__ == "__main__":
    if not find():
        bring()
