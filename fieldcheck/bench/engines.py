"""Walks one visit in Firefox and in WebKit as Debian has them: opened, answered, photographed, handed in, opened again.

Chromium is what the tests drive every day; this is for the other two. WebKit is driven by `WebKitWebDriver`
(`webkit2gtk-driver`, with `xvfb`), Firefox by its own WebDriver BiDi port; neither needs anything but the browser.
What is not there is said, and skipped. The last step is the page opened again with the server killed.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Protocol

from fieldcheck.bench.field import Field, lay, sheet
from fieldcheck.bench.ports import free_port

QUESTIONS = 5
MINIBROWSER = "/usr/lib/*/webkit2gtk-4.*/MiniBrowser"
SERVICE_WORKER = "void navigator.serviceWorker?.ready.then(r => { window.kept = r.active ? 1 : 0; })"


class Engine(Protocol):
    """A browser that opens pages, runs scripts in them and puts a file into a field."""

    name: str

    def cookie(self, url: str, value: str) -> None:
        """Sign in."""

    def go(self, url: str) -> None:
        """Open an address."""

    def run(self, script: str) -> Any:
        """Give what an expression is in the page."""

    def put(self, path: Path) -> None:
        """Choose a file."""

    def quit(self) -> None:
        """End the browser."""


class WebKit:
    """WebKitGTK through its own driver."""

    def __init__(self) -> None:
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        calm = {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1", "WEBKIT_DISABLE_COMPOSITING_MODE": "1"}
        self.driver = subprocess.Popen(
            ["xvfb-run", "-a", "WebKitWebDriver", f"--port={port}"],
            env={**os.environ, **calm}, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        patiently(lambda: self._ask("GET", "/status"))
        program = str(next(Path("/").glob(MINIBROWSER[1:])))
        options = {"binary": program, "args": ["--automation"]}
        wish = {"browserName": "MiniBrowser", "webkitgtk:browserOptions": options}
        said = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wish}})
        self.session = f"/session/{said['sessionId']}"
        self.name = f"WebKitGTK {said['capabilities'].get('browserVersion')}"

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode()[:400]) from None

    def cookie(self, url: str, value: str) -> None:
        """Sign in."""
        self.go(f"{url}/icon.svg")
        body = {"name": "fc", "value": value, "path": "/", "domain": "localhost", "httpOnly": True}
        self._ask("POST", f"{self.session}/cookie", {"cookie": body})

    def go(self, url: str) -> None:
        """Open an address."""
        self._ask("POST", f"{self.session}/url", {"url": url})

    def run(self, script: str) -> Any:
        """Give what an expression is in the page."""
        return self._ask("POST", f"{self.session}/execute/sync", {"script": f"return ({script})", "args": []})

    def put(self, path: Path) -> None:
        """Choose a file."""
        found = self._ask("POST", f"{self.session}/element", {"using": "css selector", "value": "input[type=file]"})
        element = next(iter(found.values()))
        self._ask("POST", f"{self.session}/element/{element}/value", {"text": str(path)})

    def quit(self) -> None:
        """End the browser."""
        with suppress(RuntimeError, OSError):
            self._ask("DELETE", self.session)
        with suppress(ProcessLookupError):
            os.killpg(self.driver.pid, signal.SIGTERM)  # the driver, its browser and its screen, all started here
        self.driver.wait(20)


class Firefox:
    """Firefox through WebDriver BiDi on a port of its own."""

    def __init__(self) -> None:
        from websockets.sync.client import connect

        port = free_port()
        self.profile = tempfile.mkdtemp(prefix="firefox-")
        program = shutil.which("firefox-esr") or shutil.which("firefox") or "firefox"
        self.browser = subprocess.Popen(
            [program, "--headless", "--no-remote", "--profile", self.profile, f"--remote-debugging-port={port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.open = ExitStack()
        address = f"ws://127.0.0.1:{port}/session"
        self.wire = patiently(lambda: self.open.enter_context(connect(address, max_size=None, proxy=None)))
        self.said = 0
        answer = self._ask("session.new", capabilities={})
        self.name = f"Firefox {answer['capabilities']['browserVersion']}"
        self.context = self._ask("browsingContext.getTree")["contexts"][0]["context"]

    def _ask(self, method: str, **parameters: Any) -> Any:
        self.said += 1
        self.wire.send(json.dumps({"id": self.said, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.wire.recv(timeout=60))
            if answer.get("id") == self.said:
                if answer["type"] == "error":
                    raise RuntimeError(answer.get("message"))
                return answer["result"]

    def cookie(self, url: str, value: str) -> None:
        """Sign in."""
        self.go(f"{url}/icon.svg")
        kept = {"type": "string", "value": value}
        body = {"name": "fc", "value": kept, "domain": "localhost", "path": "/", "httpOnly": True, "sameSite": "lax"}
        self._ask("storage.setCookie", cookie=body)

    def go(self, url: str) -> None:
        """Open an address."""
        self._ask("browsingContext.navigate", context=self.context, url=url, wait="interactive")

    def run(self, script: str) -> Any:
        """Give what an expression is in the page."""
        target = {"context": self.context}
        said = self._ask("script.evaluate", expression=script, target=target, awaitPromise=True)
        if said["type"] == "exception":
            raise RuntimeError(said["exceptionDetails"]["text"])
        return said["result"].get("value")

    def put(self, path: Path) -> None:
        """Choose a file."""
        script = "document.querySelector('input[type=file]')"
        found = self._ask("script.evaluate", expression=script, target={"context": self.context}, awaitPromise=False)
        element = {"sharedId": found["result"]["sharedId"]}
        self._ask("input.setFiles", context=self.context, element=element, files=[str(path)])

    def quit(self) -> None:
        """End the browser."""
        with suppress(Exception):
            self._ask("session.end")
        self.open.close()
        self.browser.terminate()
        self.browser.wait(20)
        shutil.rmtree(self.profile, ignore_errors=True)


def walk(engine: Engine, field: Field, cookie: str, picture: Path) -> None:
    """Walk the visit and open it again with no server."""
    url = field.settings.url
    engine.cookie(url, cookie)
    began = time.monotonic()
    engine.go(f"{url}/pocket")
    until(engine, "!!document.querySelector('.fc-card')")
    say(engine, f"her visits after {1000 * (time.monotonic() - began):.0f} ms")
    time.sleep(0.5)
    click(engine, ".fc-card")
    click(engine, ".fc-foot .fc-main")
    for n in range(1, QUESTIONS + 1):
        until(engine, f"document.querySelector('.fc-title')?.innerText === 'Question {n}'")
        click(engine, "[data-option=yes]")
    until(engine, "document.querySelector('.fc-title')?.innerText === 'Photo 1'")
    # The field may be drawn anew between finding it and choosing.
    patiently(lambda: engine.put(picture), 10, RuntimeError)
    click(engine, "[data-covered]")
    until(engine, "!!document.querySelector('.fc-photos li:not(:has(.fc-look))')")
    say(engine, "answered and photographed")
    click(engine, "[data-next]")
    click(engine, ".fc-foot .fc-main:not([disabled])")
    until(engine, "!document.querySelector('[data-next]') && !document.querySelector('.fc-foot [disabled]')")
    engine.run(SERVICE_WORKER)
    until(engine, "window.kept === 1")
    say(engine, "handed in; the page is kept on the phone")
    field.kill()
    engine.go("about:blank")
    engine.go(f"{url}/pocket")
    until(engine, "!!document.querySelector('.fc-card')")
    say(engine, "opened again with no server")
    field.start()


def click(engine: Engine, selector: str) -> None:
    """Tap what is there, or will be in a moment."""
    until(engine, f"!!document.querySelector({selector!r})")
    engine.run(f"void document.querySelector({selector!r}).click()")


def until(engine: Engine, what: str, seconds: float = 20) -> None:
    """Wait until something is so in the page."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(RuntimeError):
            if engine.run(what):
                return
        time.sleep(0.1)
    raise TimeoutError(f"{engine.name}: {what}: {engine.run('document.body.innerText')}"[:600])


def patiently(attempt: Callable[[], Any], seconds: float = 30, fault: type[Exception] = OSError) -> Any:
    """Try until it works."""
    end = time.monotonic() + seconds
    while True:
        try:
            return attempt()
        except fault:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def say(engine: Engine, what: str) -> None:
    """Print one step."""
    print(f"{engine.name:20} {what}", flush=True)


def main(said: list[str] | None = None) -> None:
    """Run from the command line; the exit code says whether every browser that is here walked to the end."""
    parser = argparse.ArgumentParser(prog="python -m fieldcheck.bench.engines", description=__doc__)
    parser.parse_args(said)
    from PIL import Image

    folder = Path(tempfile.mkdtemp(prefix=".engines-"))
    port = free_port()
    field = lay(folder / "data", port, f"http://localhost:{port}")
    digest = field.publish(sheet(QUESTIONS, 1))
    picture = (folder / "stand.jpg").absolute()
    Image.effect_noise((1600, 1200), 50).convert("RGB").save(picture, quality=80)
    field.start()
    failed = False
    try:
        wanted: list[tuple[Callable[[], Engine], tuple[str, ...]]] = [
            (Firefox, ("firefox-esr", "firefox")),
            (WebKit, ("WebKitWebDriver",)),
        ]
        for number, (start, programs) in enumerate(wanted):
            if not any(shutil.which(program) for program in programs):
                print(f"{programs[0]}: not on this machine")
                continue
            engine = start()
            try:
                walk(engine, field, field.walker(number + 1, [digest])[0], picture)
            except (TimeoutError, RuntimeError) as fault:
                failed = True
                print(fault)
            finally:
                engine.quit()
    finally:
        field.kill()
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
