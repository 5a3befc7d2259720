"""Lets Lighthouse look at /pocket as at a phone's page, signed in: performance, accessibility, best practices.

Lighthouse is not part of this house: say where its program is (`--lighthouse`, from the npm package `lighthouse`).
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from fieldcheck.bench.field import lay
from fieldcheck.bench.ports import free_port
from fieldcheck.storage import checklist_files

LIMIT = 95
ASKED = "performance,accessibility,best-practices"
FLAGS = "--headless=new --no-sandbox --disable-gpu"


def look(program: str, url: str, cookie: str, folder: Path) -> dict[str, int]:
    """Look once; gives what each category scored."""
    headers = folder / "headers.json"
    headers.write_text(json.dumps({"Cookie": f"fc={cookie}"}))
    said = folder / "said.json"
    browser = os.environ.get("FIELDCHECK_CHROMIUM") or shutil.which("chromium") or ""
    command = [program, f"{url}/pocket", f"--extra-headers={headers}", f"--only-categories={ASKED}", "--quiet"]
    command += ["--output=json", f"--output-path={said}", f"--chrome-flags={FLAGS}"]
    subprocess.run(command, check=True, timeout=300, env={**os.environ, "CHROME_PATH": browser})
    found = json.loads(said.read_text())["categories"]
    return {name: round(100 * (one["score"] or 0)) for name, one in found.items()}


def main(said: list[str] | None = None) -> None:
    """Run from the command line; the exit code says whether every look reached the limit in everything."""
    parser = argparse.ArgumentParser(prog="python -m fieldcheck.bench.lighthouse", description=__doc__)
    parser.add_argument("--lighthouse", default="lighthouse", help="the program")
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args(said)
    folder = Path(tempfile.mkdtemp(prefix=".lighthouse-"))
    port = free_port()
    laid = lay(folder / "data", port, f"http://localhost:{port}")
    digests = [laid.publish(one) for one in checklist_files.load(laid.settings.checklists)[0][:1]]
    laid.start()
    low = False
    try:
        for number in range(options.times):
            scores = look(options.lighthouse, laid.settings.url, laid.walker(500 + number, digests)[0], folder)
            low = low or min(scores.values()) < LIMIT
            print(scores, f"limit {LIMIT}")
    finally:
        laid.kill()
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if low else 0)


if __name__ == "__main__":
    main()
