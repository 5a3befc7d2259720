"""Is it the same picture again? What a photo looks like, found among all others, and compared closely.

A *look* is 32 hashes of 64 bits: of the whole picture, of 27 windows within it (so that a cut picture meets the window
that was cut out), and of its quarters (so that a box over one of them leaves three). Looks find candidates among a
country's photos in milliseconds; but papers on walls look alike from afar, so each candidate's small clean copy is laid
over and compared part by part. What is left is a sign for a person, never a refusal.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from fieldcheck.storage.images import cosines

Picture = Image.Image
Box = tuple[float, float, float, float]
Grey = NDArray[np.float32]
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
_THIRDS = (0.0, 0.5, 1.0)
#: The whole, and windows that leave 6, 12 and 18 % of each side away, in nine places each.
WINDOWS: tuple[Box, ...] = (
    WHOLE,
    *((a * f, b * f, a * f + 1 - f, b * f + 1 - f) for f in (0.06, 0.12, 0.18) for a in _THIRDS for b in _THIRDS),
)
QUARTERS: tuple[Box, ...] = tuple((a, b, a + 0.5, b + 0.5) for a in (0.0, 0.5) for b in (0.0, 0.5))
#: Bits in which two hashes may differ to be worth a closer look.
NEAR, NEAR_QUARTER = 10, 6
#: How much of a picture must agree. Different rooms gave at most 0.70, pictures sent again nearly always more.
ALIKE = 0.75
#: Below this spread of its greys a picture shows nothing: a covered lens, a blank wall.
FLAT = 6.0
_LONG, _SHORT, _TILE, _REACH = 160, 120, 28, 3
_NEARBY = (-0.03, -0.015, 0.0, 0.015, 0.03)


@dataclass(frozen=True)
class Near:
    """A photo that may be the same picture: *box* is the window of the *stored* one that was taken, or of the new."""

    photo_id: str
    distance: int
    box: Box
    of_stored: bool


def picture(thumb: bytes) -> Image.Image:
    """Open a small clean copy of our own as grey, in one of two shapes."""
    with Image.open(io.BytesIO(thumb), formats=("JPEG",)) as image:
        grey = image.convert("L")
    return grey.resize((240, 320) if grey.height >= grey.width else (320, 240), Image.Resampling.BILINEAR)


def look(grey: Image.Image) -> bytes:
    """Say what a picture looks like; empty where it shows too little to be known again."""
    if float(np.asarray(grey).std()) < FLAT:
        return b""
    return b"".join(_hash(grey, box) for box in (*WINDOWS, *QUARTERS))


def _hash(grey: Image.Image, box: Box) -> bytes:
    waves = np.array(cosines())
    small = np.asarray(grey.resize((32, 32), Image.Resampling.LANCZOS, box=_pixels(grey, box)), dtype=float)
    low = (waves @ small @ waves.T).ravel()
    return np.packbits(low > np.sort(low)[32]).tobytes()


def _pixels(grey: Image.Image, box: Box) -> Box:
    wide, high = grey.size
    return box[0] * wide, box[1] * high, box[2] * wide, box[3] * high


class Looks:
    """The looks of all photos, in memory: 256 bytes a photo."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.last = 0
        self._known: set[str] = set()
        self._waiting: list[bytes] = []
        self._kept = np.zeros((0, len(WINDOWS) + len(QUARTERS)), dtype=np.uint64)

    def add(self, seq: int, photo_id: str, seen: bytes) -> None:
        """Take one more in; it was written as number *seq*, and an empty look is found by nobody."""
        self.last = max(self.last, seq)
        if seen and photo_id not in self._known:
            self._known.add(photo_id)
            self.ids.append(photo_id)
            self._waiting.append(seen)

    def near(self, seen: bytes, most: int) -> list[Near]:
        """List photos that may be the same picture, the nearest first."""
        if self._waiting:
            new = np.frombuffer(b"".join(self._waiting), dtype=np.uint64).reshape(-1, self._kept.shape[1])
            self._kept, self._waiting = np.vstack([self._kept, new]), []
        if not seen or not self.ids:
            return []
        mine, n = np.frombuffer(seen, dtype=np.uint64), len(WINDOWS)
        mine_cut = np.bitwise_count(self._kept[:, :1] ^ mine[None, :n])
        theirs_cut = np.bitwise_count(self._kept[:, :n] ^ mine[0])
        quarter = np.bitwise_count(self._kept[:, n:] ^ mine[None, n:]).min(axis=1)
        inner, outer = mine_cut.min(axis=1), theirs_cut.min(axis=1)
        best = np.minimum(np.minimum(inner, outer), np.where(quarter <= NEAR_QUARTER, quarter, 64))
        found = np.flatnonzero(best <= NEAR)
        found = found[np.argsort(best[found], kind="stable")][:most]
        return [
            Near(
                self.ids[at],
                int(best[at]),
                WINDOWS[int((theirs_cut if outer[at] <= inner[at] else mine_cut)[at].argmin())],
                bool(outer[at] <= inner[at]),
            )
            for at in found
        ]


def both_ways(grey: Image.Image) -> Iterator[Image.Image]:
    """Give a picture as it is and as a mirror shows it."""
    yield grey
    yield ImageOps.mirror(grey)


def agreement(stored: Image.Image, new: Image.Image, near: Near) -> float:
    """Say how much of two pictures agrees, from 0 to 1, when one is laid over the other."""
    if stored.size != new.size:
        return 0.0
    whole, part = (stored, new) if near.of_stored else (new, stored)
    return _by_parts(_edges(whole, _lay_over(whole, part, near.box)), _edges(part, WHOLE))


def _lay_over(whole: Image.Image, part: Image.Image, box: Box) -> Box:
    """Move the window a little until it agrees best."""
    size = (_SHORT // 2, _LONG // 2) if part.height >= part.width else (_LONG // 2, _SHORT // 2)
    wanted, best = _levelled(part, WHOLE, size), (-2.0, box)
    for side in {min(1.0, box[2] - box[0] + more) for more in (-0.04, -0.02, 0.0, 0.02, 0.04)}:
        for left in {min(max(0.0, box[0] + more), 1 - side) for more in _NEARBY}:
            for top in {min(max(0.0, box[1] + more), 1 - side) for more in _NEARBY}:
                at = (left, top, left + side, top + side)
                best = max(best, (float((_levelled(whole, at, size) * wanted).mean()), at))
    return best[1]


def _levelled(grey: Image.Image, box: Box, size: tuple[int, int]) -> Grey:
    seen = np.asarray(grey.resize(size, Image.Resampling.BILINEAR, box=_pixels(grey, box)), dtype=np.float32)
    soft = Image.fromarray(seen.astype(np.uint8)).filter(ImageFilter.GaussianBlur(6))
    seen = seen - np.asarray(soft, dtype=np.float32)
    seen = np.clip(seen / (seen.std() + 1e-3), -2, 2)
    return np.asarray(seen / (seen.std() + 1e-3), dtype=np.float32)


def _edges(grey: Image.Image, box: Box) -> Grey:
    size = (_SHORT, _LONG) if grey.height >= grey.width else (_LONG, _SHORT)
    small = grey.resize(size, Image.Resampling.BILINEAR, box=_pixels(grey, box))
    return np.asarray(small, dtype=np.float32) - np.asarray(small.filter(ImageFilter.GaussianBlur(6)), dtype=np.float32)


def _by_parts(whole: Grey, part: Grey) -> float:
    """Give the median of twenty parts, each moved by up to three points; those that show nothing do not count."""
    around, spread, found = np.pad(whole, _REACH, mode="edge"), float(part.std()), list[float]()
    high, wide = part.shape
    reach = _TILE + 2 * _REACH
    for y in np.linspace(0, high - _TILE, 5).astype(int):
        for x in np.linspace(0, wide - _TILE, 4).astype(int):
            tile = part[y : y + _TILE, x : x + _TILE]
            if tile.std() < 0.35 * spread:
                continue
            tile = ((tile - tile.mean()) / tile.std()).ravel()
            places = np.lib.stride_tricks.sliding_window_view(around[y : y + reach, x : x + reach], (_TILE, _TILE))
            flat = places.reshape(-1, _TILE * _TILE)
            spreads = np.sqrt(np.maximum((flat * flat).mean(axis=1) - flat.mean(axis=1) ** 2, 0)) + 1e-3
            found.append(float(((flat @ tile) / (_TILE * _TILE) / spreads).max()))
    return float(np.median(found)) if len(found) >= 4 else 0.0


def best(pairs: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Give for each photo the most that was found of it, where that is enough to say so."""
    found: dict[str, float] = {}
    for photo_id, much in pairs:
        if much >= ALIKE:
            found[photo_id] = max(much, found.get(photo_id, 0.0))
    return found
