import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pillow_heif
import pytest
from PIL import ExifTags, Image, ImageCms, ImageDraw

from fieldcheck.domain.errors import FieldcheckError, Invalid, TooLarge
from fieldcheck.storage.darkroom import Darkroom
from fieldcheck.storage.images import LARGEST, Claims, Seen, develop, inspect

RED, GREEN = (220, 20, 30), (20, 180, 40)


def scene(width: int = 96, height: int = 64) -> Image.Image:
    """Draw a red picture with a green corner at its upper left, so that turning shows."""
    image = Image.new("RGB", (width, height), RED)
    ImageDraw.Draw(image).rectangle((0, 0, width // 3, height // 3), GREEN)
    return image


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png(width: int, height: int, rows: bytes = b"") -> bytes:
    """Write a 1-bit PNG by hand: Pillow would need the memory that the bomb wants."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    squeeze = zlib.compressobj(9)
    pixels = b"".join(squeeze.compress(bytes(width // 8 + 1)) for _ in range(height)) + squeeze.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows or pixels) + chunk(b"IEND", b"")


JPEG = encoded(scene(), "JPEG")
HEIC = encoded(scene(), "HEIF")
WEBP = encoded(scene(), "WEBP")
PNG = encoded(scene(), "PNG")
ALL = {"JPEG": JPEG, "PNG": PNG, "WEBP": WEBP, "HEIF": HEIC}


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def near(pixel: object, colour: tuple[int, int, int]) -> bool:
    return isinstance(pixel, tuple) and all(abs(a - b) < 30 for a, b in zip(pixel, colour, strict=True))


@pytest.fixture(scope="module")
def darkroom() -> Iterator[Darkroom]:
    room = Darkroom()
    yield room
    room.close()


# --- refused before decoding


def test_more_than_20_mb_is_refused_unread() -> None:
    with pytest.raises(TooLarge, match=r"photo\.too_large"):
        inspect(JPEG + bytes(LARGEST))


@pytest.mark.parametrize("side", [9_000, 13_000, 20_000, 50_000])
def test_a_pixel_bomb_is_refused_by_its_head(side: int) -> None:
    bomb = png(side, side, rows=b"" if side == 9_000 else b"x")

    with pytest.raises(Invalid, match=r"photo\.too_many_pixels"):
        inspect(bomb)
    with pytest.raises(Invalid, match=r"photo\.too_many_pixels"):
        develop(bomb)

    assert len(bomb) < 20_000


def test_a_picture_longer_than_any_camera_makes_is_refused() -> None:
    with pytest.raises(Invalid, match=r"photo\.too_many_pixels"):
        inspect(png(20_001, 10))


def test_a_heic_that_announces_a_giant_is_refused() -> None:
    for side in (9_000, 1 << 31):
        at = HEIC.index(b"ispe") + 8
        bomb = HEIC[:at] + struct.pack(">II", side, side) + HEIC[at + 8 :]

        with pytest.raises(Invalid, match=r"photo\.(too_many_pixels|not_image)"):
            inspect(bomb)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\xff\xd8\xff<?php system($_GET['x']); ?>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><svg>&e;</svg>',
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"%PDF-1.7\n",
        encoded(scene(), "GIF"),
        encoded(scene(), "BMP"),
        encoded(scene(), "TIFF"),
        encoded(scene(), "AVIF"),
        JPEG[:2],
        PNG[:20],
        HEIC[:16],
        b"\0" * 5000,
    ],
)
def test_what_is_not_one_of_the_four_formats_is_no_image(data: bytes) -> None:
    with pytest.raises(Invalid, match=r"photo\.not_image"):
        inspect(data)


@pytest.mark.parametrize("kind", ALL)
def test_a_photo_cut_anywhere_in_its_second_half_is_refused(kind: str) -> None:
    whole = ALL[kind]

    for size in (len(whole) // 2, len(whole) * 3 // 4, len(whole) - 3):
        with pytest.raises(Invalid, match=r"photo\.(cut_short|not_image)"):
            inspect(whole[:size])


def test_the_end_of_an_embedded_thumbnail_is_not_the_end_of_the_photo() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = "\xff\xd9"
    with_end = encoded(scene(), "JPEG", exif=b"Exif\0\0" + exif.tobytes() + JPEG)

    with pytest.raises(Invalid, match=r"photo\.cut_short"):
        inspect(with_end[:-20])

    assert inspect(with_end).format == "JPEG"


# --- accepted


@pytest.mark.parametrize("kind", ALL)
def test_the_four_formats_of_phones_are_seen_with_their_size(kind: str) -> None:
    assert inspect(ALL[kind]) == Seen(kind, 96, 64)


def test_a_stereo_or_motion_photo_counts_as_jpeg() -> None:
    mpo = encoded(scene(), "MPO", save_all=True, append_images=[scene()])

    assert inspect(mpo) == Seen("JPEG", 96, 64)
    assert opened(develop(mpo).view).size == (96, 64)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "PA", "1", "RGBA", "CMYK", "I;16", "I", "F", "YCbCr", "HSV"])
def test_every_kind_of_pixel_becomes_a_plain_jpeg(mode: str) -> None:
    for kind in ("PNG", "JPEG"):
        try:
            data = encoded(scene().convert("L" if mode in ("I;16", "I", "F") else "RGB").convert(mode), kind)
        except (OSError, KeyError):
            continue

        view = opened(develop(data).view)

        assert (view.format, view.mode, view.size) == ("JPEG", "RGB", (96, 64))


def test_what_is_transparent_becomes_white() -> None:
    view = opened(develop(encoded(Image.new("RGBA", (40, 40), (0, 0, 0, 0)), "PNG")).view)

    assert near(view.getpixel((20, 20)), (255, 255, 255))


def test_sixteen_bit_grey_keeps_its_shade() -> None:
    view = opened(develop(encoded(Image.new("I;16", (40, 40), 0x8000), "PNG")).view)

    assert near(view.getpixel((20, 20)), (128, 128, 128))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("orientation", [1, 2, 3, 4, 5, 6, 7, 8])
def test_the_clean_copy_stands_upright(kind: str, orientation: int) -> None:
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    lying = scene().transpose(back[orientation]) if orientation in back else scene()

    done = develop(encoded(lying, kind, exif=exif.tobytes()))

    for copy in (opened(done.view), opened(done.thumb)):
        assert copy.size == (96, 64)
        assert near(copy.getpixel((8, 8)), GREEN)
        assert near(copy.getpixel((88, 56)), RED)


def test_copies_are_bounded_and_small_pictures_stay_small() -> None:
    large = develop(encoded(scene(3000, 2000), "JPEG"))
    small = develop(JPEG)

    assert (opened(large.view).size, opened(large.thumb).size) == ((1600, 1067), (320, 213))
    assert (opened(small.view).size, opened(small.thumb).size) == ((96, 64), (96, 64))


def test_a_thumbnail_inside_a_heic_is_not_shown_for_the_photo() -> None:
    heic = encoded(scene(1024, 512), "HEIF", save_thumbnails=[64, 128])

    view = opened(develop(heic).view)

    assert view.size == (1024, 512)
    assert pillow_heif.options.THUMBNAILS is False


# --- nothing travels with the pixels


def test_no_metadata_survives_in_the_copies() -> None:
    marks = [f"CANARY{n:02}".encode() for n in range(9)]
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = marks[0].decode()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = marks[1]
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.MakerNote] = marks[2]
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSAreaInformation] = marks[3]
    thumbnail = encoded(scene(16, 16), "JPEG", comment=marks[4])
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + marks[5]
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + marks[6] + b"</x:xmpmeta>"
    both = {"exif": b"Exif\0\0" + exif.tobytes() + thumbnail, "icc_profile": icc}
    iptc = b"\xff\xed" + struct.pack(">H", 2 + len(marks[7])) + marks[7]
    jpeg = encoded(scene(), "JPEG", xmp=xmp, comment=marks[8], **both)
    loaded = {
        "JPEG": jpeg[:2] + iptc + jpeg[2:] + marks[4],
        "WEBP": encoded(scene(), "WEBP", xmp=xmp, **both),
        "PNG": encoded(scene(), "PNG", **both),
        "HEIF": encoded(scene(), "HEIF", xmp=xmp, **both),
    }

    for kind, data in loaded.items():
        done = develop(data)
        there = [mark for mark in marks if mark in data]
        left = [mark for mark in marks if mark in done.view + done.thumb]

        assert len(there) >= {"JPEG": 9, "WEBP": 7, "PNG": 5, "HEIF": 7}[kind], kind
        assert left == [], kind
        assert set(opened(done.view).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("tail", ["zip", "html"])
def test_a_second_file_behind_the_photo_does_not_reach_the_copies(tail: str) -> None:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as archive:
        archive.writestr("x.txt", "CANARY")
    data = JPEG + (box.getvalue() if tail == "zip" else b"<html><script>alert('CANARY')</script></html>")

    done = develop(data)

    assert inspect(data).format == "JPEG"
    assert done == develop(JPEG)


# --- claims


def test_what_exif_claims_is_kept_as_claims() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Acme\0"
    exif[ExifTags.Base.Model] = "One" + "!" * 500
    exif[ExifTags.Base.Software] = "Edit\x1b[31mor"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2026:03:02 09:15:00"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.OffsetTimeOriginal] = "+05:00"
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitude], place[ExifTags.GPS.GPSLatitudeRef] = (51.0, 7.0, 30.0), "N"
    place[ExifTags.GPS.GPSLongitude], place[ExifTags.GPS.GPSLongitudeRef] = (71.0, 25.0, 48.0), "W"

    claims = develop(encoded(scene(), "JPEG", exif=exif)).claims

    assert claims == Claims(
        taken_at="2026:03:02 09:15:00 +05:00",
        lat=51.125,
        lon=-71.43,
        make="Acme",
        model="One" + "!" * 97,
        software="Edit[31mor",
    )


@pytest.mark.parametrize("lat", [(99.0, 0.0, 0.0), (51.0, 7.0), (51.0, 7.0, 5e9), ()])
def test_a_place_that_cannot_be_is_no_claim(lat: tuple[float, ...]) -> None:
    exif = Image.Exif()
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitude] = lat
    place[ExifTags.GPS.GPSLongitude] = (71.0, 25.0, 48.0)

    claims = develop(encoded(scene(), "JPEG", exif=exif)).claims

    assert (claims.lat, claims.lon) == (None, None)


def test_damaged_exif_does_not_lose_the_photo(darkroom: Darkroom) -> None:
    for rubbish in (b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0" + b"\xff" * 200, b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"):
        done = darkroom.develop(encoded(scene(), "JPEG", exif=rubbish))

        assert done.claims == Claims()
        assert opened(done.view).size == (96, 64)


# --- the same picture again


def test_the_hash_survives_another_size_and_quality_and_tells_scenes_apart() -> None:
    noise = Image.effect_noise((640, 480), 90).convert("RGB").resize((1280, 960))
    other = noise.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    def bits(image: Image.Image, quality: int) -> int:
        return int(develop(encoded(image, "JPEG", quality=quality)).phash, 16)

    first = bits(noise, 90)
    assert (first ^ bits(noise.resize((900, 675)), 60)).bit_count() <= 10
    assert (first ^ bits(other, 90)).bit_count() > 10


# --- the darkroom


def test_the_darkroom_gives_what_developing_here_gives(darkroom: Darkroom) -> None:
    for data in ALL.values():
        assert darkroom.develop(data) == develop(data)


def test_refusals_come_out_of_the_darkroom_as_they_are(darkroom: Darkroom) -> None:
    with pytest.raises(Invalid, match=r"photo\.not_image"):
        darkroom.develop(b"hello")
    with pytest.raises(Invalid, match=r"photo\.too_many_pixels") as refusal:
        darkroom.develop(png(9_000, 9_000))

    assert refusal.value.details == {"most": 64}


def test_a_dead_worker_is_replaced(darkroom: Darkroom) -> None:
    darkroom.develop(JPEG)
    first = darkroom.worker
    assert first
    first.kill()

    darkroom.develop(JPEG)

    assert darkroom.worker and darkroom.worker.pid != first.pid


def test_a_photo_that_needs_too_much_memory_is_refused_and_the_next_one_is_developed() -> None:
    room = Darkroom(memory=300 * 1024 * 1024)
    large = png(8_000, 8_000)
    try:
        with pytest.raises(Invalid, match=r"photo\.too_heavy"):
            room.develop(large)

        assert room.develop(JPEG).phash == develop(JPEG).phash
    finally:
        room.close()


@pytest.mark.parametrize("memory", [0, 1024 * 1024])
def test_a_worker_that_fails_each_time_is_a_refusal_and_not_a_hang(memory: int) -> None:
    room = Darkroom(memory=memory)
    try:
        with pytest.raises(Invalid, match=r"photo\.too_heavy"):
            room.develop(JPEG)
    finally:
        room.close()


def test_the_worker_knows_no_secret(darkroom: Darkroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDCHECK_DATABASE_URL", "postgresql://secret")
    room = Darkroom()
    room.develop(JPEG)
    assert room.worker
    try:
        known = Path(f"/proc/{room.worker.pid}/environ").read_bytes()
    except FileNotFoundError:
        pytest.skip("this system does not show a process's environment")
    finally:
        room.close()

    assert b"FIELDCHECK" not in known


def test_300_damaged_photos_neither_kill_the_worker_nor_surprise_the_caller(darkroom: Darkroom) -> None:
    chance = random.Random(20260302)
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Acme"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (51.0, 7.0, 30.0)
    whole = [encoded(scene(), kind, exif=exif.tobytes()) for kind in ALL]
    darkroom.develop(whole[0])
    worker = darkroom.worker
    assert worker
    told = {"accepted": 0, "refused": 0}

    for n in range(300):
        data = bytearray(whole[n % 4])
        for _ in range(chance.randint(1, 2)):
            at = chance.randrange(len(data))
            match chance.randrange(4):
                case 0:
                    data[at] = chance.randrange(256)
                case 1:
                    data[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"))
                case 2:
                    del data[at : at + chance.randint(1, 40)]
                case _:
                    data[at:at] = data[at // 2 : at // 2 + chance.randint(1, 40)]
        try:
            darkroom.develop(bytes(data))
            told["accepted"] += 1
        except FieldcheckError:
            told["refused"] += 1

    assert darkroom.worker is worker and worker.poll() is None
    assert min(told.values()) > 20
