"""The server under load: `fieldcheck serve`, as it is shipped, in a process of its own."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from fieldcheck.bench.ports import free_port
from fieldcheck.settings import Settings


@dataclass(frozen=True)
class Served:
    """A running server: its port, and what its processes have cost so far."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Give the CPU seconds of the server and of those that it started; nan where the system does not tell."""
        return sum(_cpu(pid) for pid in (self.pid, *_children(self.pid)))

    def memory(self) -> float:
        """Give the megabytes that they hold; nan where the system does not tell."""
        return sum(_resident(pid) for pid in (self.pid, *_children(self.pid)))


@contextmanager
def serving(settings: Settings, **more: str) -> Iterator[Served]:
    """Serve an installation on a free port; *more* names of the environment are set for it."""
    port = free_port()
    environment = {
        **os.environ,
        "FIELDCHECK_DATA": str(settings.data),
        "FIELDCHECK_CHECKLISTS": str(settings.checklists),
        "FIELDCHECK_DATABASE_URL": settings.database_url,
        "FIELDCHECK_URL": f"http://127.0.0.1:{port}",
        **more,
    }
    program = [sys.executable, "-m", "fieldcheck.cli", "serve", "--port", str(port)]
    with (settings.data / "server.log").open("wb") as log:
        server = subprocess.Popen(program, env=environment, stdout=log, stderr=log)
        try:
            await_health(port, server)
            time.sleep(3)  # the page's bundles are packed in the first seconds
            yield Served(port, server.pid)
        finally:
            server.terminate()
            server.wait(20)


def _cpu(pid: int) -> float:
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return float("nan") if not Path("/proc/self/stat").exists() else 0.0
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> float:
    try:
        told = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return float("nan") if not Path("/proc/self/stat").exists() else 0.0
    return int(told.partition("VmRSS:")[2].split()[0]) / 1000 if "VmRSS:" in told else 0.0


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *_children(int(child))]
    return found


def await_health(port: int, server: "subprocess.Popen[bytes]") -> None:
    """Wait until the server answers; raises when it has ended instead."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError("the server did not start: see server.log in its folder")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health") as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise RuntimeError("the server did not answer within a minute")
