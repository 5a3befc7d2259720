"""The darkroom: photos are decoded in a process of its own, with bounds on memory, time and disk.

A photo made to break a decoder breaks that process and nothing else: no secret is in its environment, it opens no file
for writing, and it answers with plain JSON and JPEG bytes. It refuses a photo that killed it twice.

Not `multiprocessing`, for two reasons: 1. its workers import the main module again, which under Streamlit is the app;
2. its answers are pickles, and a pickle from a broken-into process breaks into ours.
"""

import atexit
import contextlib
import json
import os
import resource
import signal
import struct
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from fieldcheck.domain.errors import FieldcheckError, Invalid
from fieldcheck.storage.images import Claims, Developed, develop

MEMORY = 1536 * 1024 * 1024
"""Enough for 64 megapixels in each format; WebP, the hungriest, fails below 1.1 GB."""

CPU_SECONDS = 20
PATIENCE_SECONDS = 60


@dataclass
class Darkroom:
    """One worker process, started when first needed and again whenever it has died; one photo at a time."""

    memory: int = MEMORY
    worker: subprocess.Popen[bytes] | None = None
    door: threading.Lock = field(default_factory=threading.Lock)

    def develop(self, data: bytes) -> Developed:
        """Develop in the worker; if it dies, once more in a fresh one, for it may have died of something else."""
        with self.door:
            for _ in range(2):
                try:
                    return self._ask(data)
                except (OSError, EOFError):
                    self._close()
        raise Invalid("photo.too_heavy")

    def close(self) -> None:
        """End the worker, if there is one."""
        with self.door:
            self._close()

    def _ask(self, data: bytes) -> Developed:
        worker = self._running()
        assert worker.stdin and worker.stdout
        worker.stdin.write(struct.pack(">Q", len(data)) + data)
        worker.stdin.flush()
        view, thumb, note = (read_block(worker.stdout) for _ in range(3))
        answer = json.loads(note)
        if "code" in answer:
            kind = next(kind for kind in FieldcheckError.__subclasses__() if kind.__name__ == answer["kind"])
            raise kind(answer["code"], **answer["details"])
        return Developed(view, thumb, Claims(**answer["claims"]), answer["phash"])

    def _running(self) -> subprocess.Popen[bytes]:
        if self.worker is None or self.worker.poll() is not None:
            self._close()
            self.worker = subprocess.Popen(  # noqa: S603 - our own module, no input in the arguments
                [sys.executable, "-m", "fieldcheck.storage.darkroom", str(self.memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={"PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)},
            )
        return self.worker

    def _close(self) -> None:
        if self.worker is None:
            return
        self.worker.kill()
        with contextlib.suppress(OSError):
            self.worker.communicate()
        self.worker = None


room = Darkroom()
atexit.register(room.close)


def develop_apart(data: bytes) -> Developed:
    """Develop a photo where it can do no harm; raises what `images.develop` raises, or `photo.too_heavy`."""
    return room.develop(data)


# --- inside the worker


def confine(memory: int) -> None:
    """Take away what decoding does not need; macOS does not bound memory this way, the rest holds there too."""
    bounds = {resource.RLIMIT_AS: memory, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0}
    for what, most in bounds.items():
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))
    # Whoever stands at a school waits for the acknowledgement of a photo, not for its clean copy.
    os.nice(19)


def work(source: IO[bytes], sink: IO[bytes]) -> None:
    """Develop photo after photo until the other end closes."""
    while True:
        try:
            data = read_block(source)
        except EOFError:
            return
        # Time is counted for the life of the process, so each photo moves the bound; the alarm is for waiting.
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + CPU_SECONDS, hard))
        signal.alarm(PATIENCE_SECONDS)
        view, thumb, note = answer(data)
        signal.alarm(0)
        for block in (view, thumb, json.dumps(note).encode()):
            sink.write(struct.pack(">Q", len(block)) + block)
        sink.flush()


def answer(data: bytes) -> tuple[bytes, bytes, dict[str, object]]:
    """Develop one photo, an error being an answer too."""
    try:
        done = develop(data)
    except FieldcheckError as error:
        return b"", b"", {"kind": type(error).__name__, "code": error.code, "details": error.details}
    return done.view, done.thumb, {"claims": asdict(done.claims), "phash": done.phash}


def read_block(source: IO[bytes]) -> bytes:
    """Read one length and that many bytes."""
    (length,) = struct.unpack(">Q", read_exactly(source, 8))
    return read_exactly(source, length)


def read_exactly(source: IO[bytes], length: int) -> bytes:
    """Read that many bytes or raise EOFError."""
    data = source.read(length)
    if len(data) != length:
        raise EOFError
    return data


if __name__ == "__main__":
    confine(int(sys.argv[1]))
    work(sys.stdin.buffer, sys.stdout.buffer)
