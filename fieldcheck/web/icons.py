"""Draws the icon that stands on a phone's home screen: a sheet of notes, as any notes page has.

Phones want pixels in two sizes; the drawing is that of `icon.svg`, made once when the server starts. It says nothing of
what the page is for.
"""

import io
from functools import cache

from PIL import Image, ImageDraw

SIZES = (192, 512)
_GROUND, _PAPER, _LINE = "#e9dfc0", "#fffdf4", "#8a8570"


@cache
def png(size: int) -> bytes:
    """Return the icon as a PNG of *size* by *size*; its middle survives any mask a phone cuts it with."""
    big = size * 4
    image = Image.new("RGB", (big, big), _GROUND)
    draw = ImageDraw.Draw(image)
    edge, top = round(big * 0.28), round(big * 0.22)
    draw.rounded_rectangle((edge, top, big - edge, big - top), radius=round(big * 0.04), fill=_PAPER)
    for place in range(4):
        y = round(big * (0.35 + 0.1 * place))
        right = big - edge - round(big * (0.18 if place == 3 else 0.07))
        draw.rounded_rectangle(
            (edge + round(big * 0.07), y, right, y + round(big * 0.025)), radius=round(big * 0.0125), fill=_LINE
        )
    data = io.BytesIO()
    image.resize((size, size), Image.Resampling.LANCZOS).quantize(32).save(data, "PNG", optimize=True)
    return data.getvalue()
