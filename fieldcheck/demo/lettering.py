"""Letters for drawn photos: a font with Russian and Kazakh letters on every machine, or grey bars where there is none.

Pillow's own font knows only Latin. Streamlit, always installed beside us, carries Source Sans with every letter we
need; DejaVu is the second choice. It refuses to fail for want of a font: a demo without letters is still a demo.
"""

from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
INK: Colour = (38, 40, 48)

DEJAVU = [
    Path("/usr/share/fonts/truetype/dejavu"),
    Path("/usr/share/fonts/dejavu"),
    Path("/usr/local/share/fonts/dejavu"),
    Path("/Library/Fonts"),
]


@cache
def font_files() -> tuple[Path, ...]:
    """List the fonts that may serve, best first."""
    found: list[Path] = []
    streamlit = find_spec("streamlit")
    for place in (streamlit.submodule_search_locations or []) if streamlit else []:
        found += sorted(Path(place).glob("static/static/media/SourceSansVF-Upright*"))
    return (*found, *(folder / "DejaVuSans.ttf" for folder in DEJAVU))


@cache
def font(size: int, weight: int = 400) -> ImageFont.FreeTypeFont | None:
    """Open a font that can write Kazakh; None when the machine has none."""
    for file in font_files():
        try:
            opened = ImageFont.truetype(str(file), size)
            if bytes(opened.getmask("Қ")) == bytes(opened.getmask("\uffff")):
                continue
        except OSError:
            continue
        with suppress(OSError, NotImplementedError):  # a font of one weight, or a FreeType without variations
            opened.set_variation_by_axes([weight])
        return opened
    return None


def width(text: str, size: int, weight: int = 400) -> float:
    """Measure a line."""
    letters = font(size, weight)
    return letters.getlength(text) if letters else len(text) * size * 0.5


def write(
    image: Image.Image,
    at: tuple[int, int],
    text: str,
    size: int,
    colour: Colour = INK,
    weight: int = 400,
    anchor: str = "la",
) -> None:
    """Write one line; *anchor* as in Pillow (`la` left, `ma` middle, `ra` right; `lm`, `mm`, `rm` by the middle)."""
    pen = ImageDraw.Draw(image)
    letters = font(size, weight)
    if letters:
        pen.text(at, text, font=letters, fill=colour, anchor=anchor)
        return
    x, y = at
    x -= int({"l": 0, "m": 0.5, "r": 1}[anchor[0]] * width(text, size))
    y -= 0 if anchor[1] == "a" else size // 2
    for word in text.split():
        pen.rounded_rectangle((x, y + size * 0.3, x + len(word) * size * 0.45, y + size * 0.8), size // 6, fill=colour)
        x += int((len(word) + 1) * size * 0.5)


def wrap(text: str, size: int, most: float, weight: int = 400) -> list[str]:
    """Break a text into lines that fit."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, size, weight) <= most:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def write_block(
    image: Image.Image,
    at: tuple[int, int],
    text: str,
    size: int,
    most: float,
    colour: Colour = INK,
    weight: int = 400,
    anchor: str = "la",
) -> int:
    """Write a text in lines and return where the next one may begin."""
    x, y = at
    for line in wrap(text, size, most, weight):
        write(image, (x, y), line, size, colour, weight, anchor)
        y += int(size * 1.28)
    return y
