"""What Pillow says about a photo: is it an image, its upright clean copies, and what its EXIF claims.

`inspect` is cheap and stands in the acknowledging path: bounds are checked before a pixel is decoded. `develop` decodes
everything and belongs in the darkroom (`darkroom.py`), a process that may die. It refuses whatever does not decode
whole; a signature at the start proves nothing. It never trusts EXIF: what it finds there are claims.
"""

import io
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pillow_heif
from PIL import ExifTags, Image, ImageOps

from fieldcheck.domain.errors import FieldcheckError, Invalid, TooLarge
from fieldcheck.storage.photos import LARGEST

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
LONGEST_SIDE = 20_000
MOST_PIXELS = 64_000_000
VIEW, THUMB = 1600, 320

# A thumbnail inside the file may show something else than the photo: only the photo itself is ever decoded.
pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
# Pillow only warns between one and two times its own bound.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


@dataclass(frozen=True)
class Seen:
    """What the head of the file says, before decoding."""

    format: str
    width: int
    height: int


@dataclass(frozen=True)
class Claims:
    """What EXIF says about time, place and camera: clues for a reviewer, never facts."""

    taken_at: str | None = None
    lat: float | None = None
    lon: float | None = None
    make: str | None = None
    model: str | None = None
    software: str | None = None


@dataclass(frozen=True)
class Developed:
    """The two clean copies (JPEG, upright, without any metadata), the claims, and a hash that survives resizing."""

    view: bytes
    thumb: bytes
    claims: Claims
    phash: str


def inspect(data: bytes) -> Seen:
    """Say what the photo is, or raise: too large, not an image, too many pixels, cut short."""
    if len(data) > LARGEST:
        raise TooLarge("photo.too_large", size=len(data), largest=LARGEST)
    try:
        with open_image(data) as image:
            seen = Seen("JPEG" if image.format == "MPO" else str(image.format), *image.size)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Invalid("photo.too_many_pixels", most=MOST_PIXELS // 1_000_000) from None
    except MemoryError:
        raise Invalid("photo.too_heavy") from None
    except Exception:  # noqa: BLE001 - a broken file makes Pillow raise at least six kinds of exception
        raise Invalid("photo.not_image") from None
    if max(seen.width, seen.height) > LONGEST_SIDE or seen.width * seen.height > MOST_PIXELS:
        raise Invalid("photo.too_many_pixels", most=MOST_PIXELS // 1_000_000)
    if not ENDS[seen.format](data):
        raise Invalid("photo.cut_short", size=len(data))
    return seen


def develop(data: bytes) -> Developed:
    """Decode the whole photo and return its clean copies, claims and hash; costs memory and time, see `darkroom`."""
    inspect(data)
    try:
        with open_image(data) as image:
            decode(image)
            claims = read_claims(image)
            view = clean(image)
        thumb = view.copy()
        thumb.thumbnail((THUMB, THUMB))
        return Developed(to_jpeg(view, 82), to_jpeg(thumb, 78), claims, perceptual_hash(thumb))
    except FieldcheckError:
        raise
    except MemoryError:
        raise Invalid("photo.too_heavy") from None
    except Exception:  # noqa: BLE001 - the boundary: SyntaxError, EOFError, struct.error, OSError, ValueError, KeyError...
        raise Invalid("photo.not_image") from None


def open_image(data: bytes) -> Image.Image:
    """Open with the four formats a phone makes; MPO (stereo and motion photos) opens as JPEG."""
    return Image.open(io.BytesIO(data), formats=FORMATS)


# --- is it whole?


def jpeg_ends(data: bytes) -> bool:
    """Follow the segments to the scan, then look for its end; EXIF before it may hold a thumbnail with an end."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        if data[at + 1] == 0xFF:  # fill byte
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4])
        if data[at + 1] == 0xDA:
            return data.rfind(b"\xff\xd9", at + 2 + length) != -1
        at += 2 + length
    return False


def png_ends(data: bytes) -> bool:
    """Follow the chunks to IEND."""
    at = 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4])
        if data[at + 4 : at + 8] == b"IEND":
            return True
        at += 12 + length
    return False


def webp_ends(data: bytes) -> bool:
    """Compare with the length that RIFF announces."""
    return int.from_bytes(data[4:8], "little") + 8 <= len(data)


def heif_ends(data: bytes) -> bool:
    """Follow the boxes: the last one must not reach past the end."""
    at = 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4])
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16])
        elif length == 0:  # "to the end of the file"
            return True
        if length < 8:
            return False
        at += length
    return at <= len(data)


ENDS = {"JPEG": jpeg_ends, "PNG": png_ends, "WEBP": webp_ends, "HEIF": heif_ends}


# --- the clean copy


def decode(image: Image.Image) -> None:
    """Decode every pixel, before anybody else touches the picture.

    Reading a PNG's EXIF decodes it too and swallows what goes wrong; after that a damaged picture is grey and content.
    """
    if image.format in ("JPEG", "MPO"):
        image.draft("RGB", (VIEW, VIEW))  # decode at a half, a quarter or an eighth: 54 MB instead of 827
    image.load()


def clean(image: Image.Image) -> Image.Image:
    """Return an upright RGB picture of at most 1600 pixels that shares nothing with the file but its pixels."""
    if image.mode in ("P", "PA", "1", "I;16", "I", "F"):
        image = as_colour(image)
    # EXIF goes with the image through `thumbnail`, and turning a small picture is cheaper than a large one.
    image.thumbnail((VIEW, VIEW), reducing_gap=2.0)
    upright = turned(image)
    sheet = Image.new("RGB", upright.size, "white")
    if "A" in upright.getbands() or "a" in upright.getbands():
        upright = upright.convert("RGBA")
        sheet.paste(upright, mask=upright)
    else:
        sheet.paste(upright.convert("RGB"))
    return sheet


def as_colour(image: Image.Image) -> Image.Image:
    """Bring palettes, bits and 16-bit greys to a mode that can be made smaller; keep the EXIF for turning."""
    exif = image.getexif()
    if image.mode in ("I;16", "I"):
        image = image.convert("I").point(lambda value: value / 256)
    plain = image.convert("RGBA" if image.mode in ("P", "PA") else "L" if image.mode != "1" else "RGB")
    plain.info["exif"] = exif.tobytes()
    return plain


def turned(image: Image.Image) -> Image.Image:
    """Turn the picture as EXIF asks; nonsense in EXIF leaves it as it lies."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - damaged EXIF is no reason to lose a photo
        return image


def to_jpeg(image: Image.Image, quality: int) -> bytes:
    """Encode without any metadata."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


# --- claims


def read_claims(image: Image.Image) -> Claims:
    """Read what EXIF claims; damaged or lying EXIF gives fewer claims and no error."""
    try:
        exif = image.getexif()
        details, place = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    except Exception:  # noqa: BLE001 - see `turned`
        return Claims()
    taken = said(details.get(ExifTags.Base.DateTimeOriginal)) or said(exif.get(ExifTags.Base.DateTime))
    offset = said(details.get(ExifTags.Base.OffsetTimeOriginal))
    lat = degrees(place.get(ExifTags.GPS.GPSLatitude), place.get(ExifTags.GPS.GPSLatitudeRef), "S", 90)
    lon = degrees(place.get(ExifTags.GPS.GPSLongitude), place.get(ExifTags.GPS.GPSLongitudeRef), "W", 180)
    return Claims(
        taken_at=f"{taken} {offset}" if taken and offset else taken,
        lat=lat if lon is not None else None,
        lon=lon if lat is not None else None,
        make=said(exif.get(ExifTags.Base.Make)),
        model=said(exif.get(ExifTags.Base.Model)),
        software=said(exif.get(ExifTags.Base.Software)),
    )


def said(value: Any) -> str | None:
    """Keep at most 100 printable characters of what somebody else wrote."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return None
    return "".join(sign for sign in value if sign.isprintable())[:100].strip() or None


def degrees(parts: Any, side: Any, negative: str, most: int) -> float | None:
    """Turn degrees, minutes and seconds into a number, if they are numbers within bounds."""
    try:
        whole, minutes, seconds = (float(part) for part in parts)
        value = whole + minutes / 60 + seconds / 3600
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    if not math.isfinite(value) or not 0 <= value <= most:
        return None
    return round(-value if side == negative else value, 7)


# --- a hash for finding the same picture again


def perceptual_hash(image: Image.Image) -> str:
    """Return 64 bits of the low frequencies as 16 hex digits; nearly equal pictures differ in few bits."""
    small = list(image.convert("L").resize((32, 32), Image.Resampling.LANCZOS).tobytes())
    waves = cosines()
    rows = [[dot(wave, small[y * 32 : y * 32 + 32]) for wave in waves] for y in range(32)]
    low = [dot(wave, [row[u] for row in rows]) for wave in waves for u in range(8)]
    middle = sorted(low)[32]
    return f"{sum(1 << bit for bit, value in enumerate(low) if value > middle):016x}"


@cache
def cosines() -> tuple[tuple[float, ...], ...]:
    """The eight lowest cosine waves over 32 samples; plain Python takes 2 ms, no need for a matrix library."""
    return tuple(tuple(math.cos(math.pi * k * (2 * n + 1) / 64) for n in range(32)) for k in range(8))


def dot(wave: Sequence[float], samples: Sequence[float]) -> float:
    """Sum of products."""
    return sum(a * b for a, b in zip(wave, samples, strict=True))
