"""Photos for the demo, drawn instead of taken: a wall, what hangs on it, the light, an unsteady hand.

A fixed seed gives the same bytes on the same versions. It draws no people and refuses to look like evidence: schools,
amounts and addresses are invented (`papers.py`).
"""

import io
from enum import StrEnum
from functools import cache
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from fieldcheck.demo import papers
from fieldcheck.demo.lettering import Colour

PHOTO = (1536, 2048)
SIZE = (1024, 1365)
"""Scenes are composed at two thirds: perspective costs 90 ms at full size, and phones are never quite sharp."""

Corners = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


class Scene(StrEnum):
    """What a drawn photo shows."""

    PLATE = "plate"
    STAND = "stand"
    STAND_WITH_BAN = "stand_with_ban"
    NOTICE = "notice"
    MENU = "menu"
    WEBSITE = "website"
    CHAT = "chat"


def draw(kind: Scene | str, seed: int, language: str = "ru") -> bytes:
    """Draw a photo as a phone would send it: an upright JPEG of 1536 x 2048 without metadata."""
    scene, chance = Scene(kind), Random(seed)
    if scene in (Scene.WEBSITE, Scene.CHAT):
        flat = papers.website(chance, language) if scene is Scene.WEBSITE else papers.chat(chance, language)
        return to_jpeg(flat.resize(PHOTO, Image.Resampling.BILINEAR), 86)
    flat = {
        Scene.PLATE: papers.plate,
        Scene.STAND: lambda *words: papers.stand(*words, with_ban=False),
        Scene.STAND_WITH_BAN: lambda *words: papers.stand(*words, with_ban=True),
        Scene.NOTICE: papers.notice,
        Scene.MENU: papers.menu,
    }[scene](chance, language)
    photo = wall(scene is Scene.PLATE, chance.randrange(4)).copy()
    hang(photo, flat, corners(flat.size, chance))
    return to_jpeg(developed(photo, chance), 74)


def corners(size: tuple[int, int], chance: Random) -> Corners:
    """Place the four corners of a flat thing as a hand-held camera sees it from a little aside."""
    scale = min(887 / size[0], 1133 / size[1])
    wide, high = size[0] * scale, size[1] * scale
    left, top = (SIZE[0] - wide) / 2 + chance.uniform(-27, 27), (SIZE[1] - high) / 2 + chance.uniform(-60, 40)
    lean, far = chance.uniform(-9, 9), chance.choice((-1, 1)) * chance.uniform(10, 38)
    near_left, near_right = max(far, 0), max(-far, 0)
    return (
        (left + near_left * 0.5, top + near_left + lean),
        (left + near_left * 0.5 - lean, top + high - near_left + lean),
        (left + wide - near_right * 0.5 - lean, top + high - near_right - lean),
        (left + wide - near_right * 0.5, top + near_right - lean),
    )


def hang(photo: Image.Image, flat: Image.Image, place: Corners) -> None:
    """Put a flat picture into the photo in perspective, with its shadow on the wall."""
    left, top = (int(min(point[axis] for point in place)) - 2 for axis in (0, 1))
    right, bottom = (int(max(point[axis] for point in place)) + 2 for axis in (0, 1))
    box = tuple((x - left, y - top) for x, y in place)
    shape = Image.new("L", (right - left, bottom - top))
    middle = (shape.width / 2, shape.height / 2)
    # A pixel and a half inside, for beyond its edge the flat picture is black.
    inside = [tuple(p + (1.5 if p < m else -1.5) for p, m in zip(point, middle, strict=True)) for point in box]
    ImageDraw.Draw(shape).polygon(inside, fill=255)
    shadow = Image.new("L", ((shape.width + 128) // 8, (shape.height + 128) // 8))
    shadow.paste(shape.reduce(8).point(lambda v: v * 0.55), (8, 8))
    shadow = shadow.filter(ImageFilter.GaussianBlur(3))
    shadow = shadow.resize((shape.width + 128, shape.height + 128), Image.Resampling.BILINEAR)
    photo.paste((20, 20, 26), (left - 64 + 11, top - 64 + 18), shadow)
    warp = perspective(box, flat.size)
    photo.paste(
        flat.transform(shape.size, Image.Transform.PERSPECTIVE, warp, Image.Resampling.BILINEAR), (left, top), shape
    )


def perspective(to: tuple[tuple[float, float], ...], size: tuple[int, int]) -> list[float]:
    """Solve for the eight numbers that Pillow wants: from the seen corners back to the flat ones."""
    flat = ((0, 0), (0, size[1]), size, (size[0], 0))
    rows = []
    for (x, y), (u, v) in zip(to, flat, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for n in range(8):
        pivot = max(range(n, 8), key=lambda r: abs(rows[r][n]))
        rows[n], rows[pivot] = rows[pivot], rows[n]
        rows[n] = [value / rows[n][n] for value in rows[n]]
        for other in range(8):
            if other != n:
                factor = rows[other][n]
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[n], strict=True)]
    return [row[8] for row in rows]


def developed(photo: Image.Image, chance: Random) -> Image.Image:
    """Add what light and a small sensor add: a brighter side, darker corners, grain."""
    photo = ImageChops.multiply(photo, light(chance.randrange(4)))
    photo = photo.resize(PHOTO, Image.Resampling.BILINEAR)
    return Image.blend(photo, grain(chance.randrange(2)), 0.025)


@cache
def light(which: int) -> Image.Image:
    """Give the fall of light over the picture, brighter towards one side."""
    round_fall = ImageChops.invert(Image.radial_gradient("L")).resize(SIZE).point(lambda v: 205 + v * 0.2)
    side = Image.linear_gradient("L").rotate(90 * which).resize(SIZE).point(lambda v: 214 + v * 0.16)
    fall = ImageChops.multiply(round_fall, side)
    return Image.merge("RGB", (fall, fall.point(lambda v: v * 0.99), fall.point(lambda v: v * 0.955)))


@cache
def grain(which: int) -> Image.Image:
    """Give noise of one sensor; two are enough."""
    noise = Image.effect_noise(PHOTO, 60 + 10 * which)
    return Image.merge("RGB", (noise, noise, noise))


@cache
def wall(outside: bool, which: int) -> Image.Image:
    """Draw a facade or the wall of a corridor."""
    return facade(which) if outside else corridor(which)


def facade(which: int) -> Image.Image:
    """Draw bricks."""
    chance = Random(which)
    base: Colour = ((176, 108, 82), (202, 184, 150), (188, 140, 104), (168, 164, 160))[which]
    image = Image.new("RGB", SIZE, tuple(int(part * 0.78) for part in base))
    pen = ImageDraw.Draw(image)
    for row, y in enumerate(range(-10, SIZE[1], 44)):
        for x in range(-114 + row % 2 * 57, SIZE[0], 114):
            shade = chance.uniform(0.9, 1.07)
            brick = tuple(min(255, int(part * shade)) for part in base)
            pen.rounded_rectangle((x, y, x + 108, y + 38), 3, fill=brick)
            pen.line((x + 4, y + 1, x + 104, y + 1), fill=tuple(min(255, part + 16) for part in brick), width=2)
    return image.filter(ImageFilter.GaussianBlur(0.9))


def corridor(which: int) -> Image.Image:
    """Draw a painted wall, darker to the height of a shoulder, with a skirting and a strip of floor."""
    upper: Colour = ((232, 228, 214), (226, 232, 232), (238, 226, 208), (228, 230, 220))[which]
    lower: Colour = ((150, 186, 176), (158, 178, 202), (206, 178, 140), (176, 190, 150))[which]
    image = Image.new("RGB", SIZE, upper)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 860, SIZE[0], SIZE[1]), fill=lower)
    pen.line((0, 860, SIZE[0], 860), fill=tuple(int(part * 0.8) for part in lower), width=7)
    pen.rectangle((0, 1300, SIZE[0], 1326), fill=(150, 122, 92))
    pen.rectangle((0, 1326, SIZE[0], SIZE[1]), fill=(120, 112, 106))
    cloud = Image.effect_noise((24, 32), 40).resize(SIZE, Image.Resampling.BICUBIC)
    return Image.blend(image, Image.merge("RGB", (cloud, cloud, cloud)), 0.05)


def to_jpeg(image: Image.Image, quality: int) -> bytes:
    """Encode as a phone does."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()
