"""Photos of the demo's visits: each scene is drawn a few times, and every photo is one of them taken anew.

Drawing takes a seventh of a second, taking one anew a fiftieth: a little closer, a little brighter, never the same
bytes twice, so that no two visits seem to share a photo.
"""

import io
import random
from functools import lru_cache

from PIL import Image, ImageEnhance

from fieldcheck.demo import drawing
from fieldcheck.demo.drawing import Scene
from fieldcheck.domain.checklist import Question

VARIETIES = 2
SIZE = (1152, 1536)

_BY_PREFIX = {"ENT": Scene.STAND, "COL": Scene.CHAT, "CAN": Scene.MENU, "HIR": Scene.NOTICE, "WEB": Scene.WEBSITE}
_BY_QUESTION = {"ENT-04": Scene.PLATE, "ENT-17": Scene.NOTICE, "CAN-18": Scene.NOTICE}
#: Where a yes shows the ban on collections and a no shows the stand without it.
_BAN = "ENT-05"


def scene_of(question: Question, value: object) -> Scene:
    """Choose what a photo of this question shows."""
    if question.id == _BAN:
        return Scene.STAND_WITH_BAN if value == "yes" else Scene.STAND
    return _BY_QUESTION.get(question.id) or _BY_PREFIX.get(question.id[:3], Scene.NOTICE)


def take(scene: Scene, language: str, chance: random.Random) -> bytes:
    """Take a photo: a JPEG that differs from every other."""
    base = _drawn(scene, chance.randrange(VARIETIES), "kk" if language == "kk" else "ru")
    closer = chance.uniform(0.0, 0.05)
    left, top = base.width * closer * chance.random(), base.height * closer * chance.random()
    box = (left, top, left + base.width * (1 - closer), top + base.height * (1 - closer))
    photo = base.resize(SIZE, Image.Resampling.BILINEAR, box=box)
    photo = ImageEnhance.Brightness(photo).enhance(chance.uniform(0.82, 1.12))
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=chance.randrange(74, 84))
    return out.getvalue()


def again(data: bytes) -> bytes:
    """Make the same picture again as a messenger does: smaller, a little darker, cut at its edges."""
    with Image.open(io.BytesIO(data)) as photo:
        small = photo.convert("RGB").resize((864, 1152), box=(40, 50, photo.width - 30, photo.height - 40))
    out = io.BytesIO()
    ImageEnhance.Brightness(small).enhance(0.85).save(out, "JPEG", quality=66)
    return out.getvalue()


@lru_cache(maxsize=64)
def _drawn(scene: Scene, variety: int, language: str) -> Image.Image:
    with Image.open(io.BytesIO(drawing.draw(scene, variety + 1, language))) as image:
        return image.convert("RGB")
