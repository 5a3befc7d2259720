"""Rooms drawn at random, as honest photos, and the ways in which somebody makes one of them look like another."""

import io
import random
from collections.abc import Callable, Mapping

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from fieldcheck.demo.drawing import perspective

SIZE = (480, 640)
Forge = Callable[[Image.Image, random.Random], Image.Image]


def room(seed: int) -> Image.Image:
    """Draw a wall, a floor, and what hangs and stands there; nothing of it is like the next one."""
    chance = random.Random(seed)
    wide, high = SIZE
    photo = Image.new("RGB", SIZE, _colour(chance, 120, 240))
    pen = ImageDraw.Draw(photo)
    pen.rectangle((0, chance.uniform(0.55, 0.9) * high, wide, high), fill=_colour(chance, 60, 170))
    for _ in range(chance.randrange(3, 9)):
        left, top = chance.uniform(-0.1, 0.9) * wide, chance.uniform(-0.1, 0.8) * high
        right, bottom = left + chance.uniform(0.1, 0.6) * wide, top + chance.uniform(0.1, 0.5) * high
        pen.rectangle((left, top, right, bottom), fill=_colour(chance, 30, 256), outline=(40, 40, 40), width=3)
        if chance.random() < 0.7:
            _lines(pen, chance, (left + 9, top + 12, right - 7, bottom - 12))
    soft = ImageEnhance.Brightness(photo.filter(ImageFilter.GaussianBlur(1))).enhance(chance.uniform(0.7, 1.2))
    return Image.blend(soft, Image.effect_noise(SIZE, 60).convert("RGB"), 0.06)


def _colour(chance: random.Random, low: int, high: int) -> tuple[int, int, int]:
    return chance.randrange(low, high), chance.randrange(low, high), chance.randrange(low, high)


def _lines(pen: ImageDraw.ImageDraw, chance: random.Random, box: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = box
    while top < bottom:
        at = left
        while (end := at + chance.uniform(6, 45)) < right:
            pen.rectangle((at, top, end, top + 4), fill=(30, 30, 40))
            at = end + 6
        top += 11


def _cut(share: float) -> Forge:
    def cut(photo: Image.Image, chance: random.Random) -> Image.Image:
        left, top = (share * side * chance.random() for side in photo.size)
        kept = (side * (1 - share) for side in photo.size)
        return photo.crop((int(left), int(top), *(int(a + b) for a, b in zip((left, top), kept, strict=True))))

    return cut


def _boxed(photo: Image.Image, chance: random.Random) -> Image.Image:
    photo = photo.copy()
    left, top = (chance.uniform(0.2, 0.7) * side for side in photo.size)
    ImageDraw.Draw(photo).rectangle((left, top, left + 0.12 * photo.width, top + 0.12 * photo.height), fill=0)
    return photo


def _of_a_screen(photo: Image.Image, chance: random.Random) -> Image.Image:
    """Take the photo of a screen that shows it: a little aside, with the screen's own lines, brighter."""
    wide, high = photo.size
    edge = [(chance.uniform(0.02, 0.08) * wide, chance.uniform(0.02, 0.08) * high) for _ in range(4)]
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = edge
    seen = perspective(((ax, ay), (bx, high - by), (wide - cx, high - cy), (wide - dx, dy)), photo.size)
    photo = photo.transform(photo.size, Image.Transform.PERSPECTIVE, seen, Image.Resampling.BILINEAR)
    lines = Image.linear_gradient("L").resize((wide, 5)).rotate(4, expand=False)
    sheet = Image.new("L", photo.size)
    for top in range(0, high, 5):
        sheet.paste(lines, (0, top))
    return Image.blend(photo, sheet.convert("RGB"), 0.12).point(lambda value: 255 * (value / 255) ** 0.8)


#: Each way of making a photo again, by its name.
WAYS: Mapping[str, Forge] = {
    "encoded again": lambda photo, _: jpeg(photo, 40),
    "half the size": lambda photo, _: photo.resize((photo.width // 2, photo.height // 2)),
    "through a messenger": lambda photo, _: jpeg(photo.resize((photo.width * 2 // 3, photo.height * 2 // 3)), 60),
    "darker or brighter": lambda photo, chance: ImageEnhance.Brightness(photo).enhance(chance.choice((0.7, 1.3))),
    "another contrast": lambda photo, chance: ImageEnhance.Contrast(photo).enhance(chance.choice((0.7, 1.3))),
    "grey": lambda photo, _: ImageOps.grayscale(photo).convert("RGB"),
    "blurred": lambda photo, _: photo.filter(ImageFilter.GaussianBlur(2)),
    "mirrored": lambda photo, _: ImageOps.mirror(photo),
    "cut by 5": _cut(0.05),
    "cut by 10": _cut(0.10),
    "cut by 15": _cut(0.15),
    "cut by 20": _cut(0.20),
    "a box over a part": _boxed,
    "turned by 3 degrees": lambda photo, _: photo.rotate(3, Image.Resampling.BILINEAR),
    "a photo of a screen": _of_a_screen,
}
#: These a soft comparison catches nearly always; of the others it catches some, and the count is printed.
SURE = frozenset(list(WAYS)[:10])


def jpeg(photo: Image.Image, quality: int) -> Image.Image:
    """Encode and decode."""
    with Image.open(io.BytesIO(as_bytes(photo, quality))) as image:
        return image.convert("RGB")


def as_bytes(photo: Image.Image, quality: int = 85) -> bytes:
    """Encode as a phone does."""
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=quality)
    return out.getvalue()
