"""What the runs of a trial share, and how one browser among many is killed."""

import asyncio
import os
import random
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fieldcheck.bench.field import Field


def kill_browser(profile: Path) -> None:
    """Kill the processes of one browser, found by its own profile."""
    mark = f"--user-data-dir={profile}".encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if mark in (entry / "cmdline").read_bytes():
                    os.kill(int(entry.name), signal.SIGKILL)
            except OSError:
                continue


@dataclass
class Lab:
    """What the runs share: the installation, the browser's program, the pictures."""

    folder: Path
    laid: Field
    digest: str
    chromium: Any
    browser: str
    broken: bool = False
    dying: asyncio.Lock = field(default_factory=asyncio.Lock)

    def picture(self, dice: random.Random) -> str:
        """Draw a picture nobody has drawn before."""
        from PIL import Image

        path = self.folder / f"picture-{dice.getrandbits(60)}.jpg"
        image = Image.effect_noise((640, 480), dice.uniform(20, 90)).convert("RGB")
        image.putpixel((0, 0), (dice.randrange(256), dice.randrange(256), dice.randrange(256)))
        image.save(path, "JPEG", quality=90)
        return str(path)

    async def power_cut(self) -> None:
        """Kill the server and start it again; one at a time."""
        async with self.dying:
            await asyncio.to_thread(self.laid.kill)
            await asyncio.to_thread(self.laid.start)
