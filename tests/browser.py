"""Finds the browser that the journeys use, or brings one; a machine without a browser fails, it never skips.

Run as a program (`python -m tests.browser`) it makes sure of one: an installed Chromium, else Playwright's own, else
Debian's package when root.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, Error, sync_playwright

from fieldcheck.bench.flags import FLAGS

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)


def find() -> Path | None:
    """Give the browser's program; None when there is none."""
    named = [os.environ.get("FIELDCHECK_CHROMIUM"), *map(shutil.which, NAMES)]
    places = [Path(name) for name in named if name] + list(MAC) + _playwrights_own()
    return next((place for place in places if place.is_file()), None)


def _playwrights_own() -> list[Path]:
    named = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    caches = (Path.home() / ".cache", Path.home() / "Library" / "Caches")
    folders = [Path(named)] if named else [cache / "ms-playwright" for cache in caches]
    wanted = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")
    return [found for folder in folders for pattern in wanted for found in sorted(folder.glob(pattern), reverse=True)]


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


@contextmanager
def opened(program: Path) -> Iterator[Browser]:
    """Open a browser, and close it again: one that has died by then ends with its driver, and holds nobody up."""
    playing = sync_playwright()
    playwright = playing.__enter__()
    assert playing._client
    driver = playing._client._transport._proc
    try:
        browser = playwright.chromium.launch(executable_path=str(program), args=list(FLAGS))
        yield browser
    finally:
        # The driver waits for a dead browser's answer for as long as it is let: a goodbye has a minute.
        end = threading.Timer(60, lambda: driver.returncode is None and os.kill(driver.pid, signal.SIGKILL))
        end.daemon = True
        end.start()
        with suppress(Error):
            browser.close()
        playing.__exit__(None, None, None)
        end.cancel()


if __name__ == "__main__":
    if not find():
        bring()
