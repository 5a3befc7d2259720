"""One picture as evidence of two visits: made again in fifteen ways, and honest rooms as the control."""

import random
from collections.abc import Callable
from itertools import combinations

import pytest
from PIL import Image

from fieldcheck.storage import likeness
from fieldcheck.storage.images import develop
from fieldcheck.storage.likeness import Looks
from tests.security.conftest import HARD
from tests.security.forging import SURE, WAYS, as_bytes, room

ROOMS, FORGED = (200, 60) if HARD else (16, 3)
MOST = 40


def small(photo: Image.Image) -> Image.Image:
    """The photo as the house compares it, after its way through the decoder."""
    return likeness.picture(develop(as_bytes(photo)).thumb)


@pytest.fixture(scope="module")
def rooms() -> list[Image.Image]:
    """Honest photos, each of another room."""
    return [room(seed) for seed in range(ROOMS)]


@pytest.fixture(scope="module")
def kept(rooms: list[Image.Image]) -> list[Image.Image]:
    """The same, as they are kept."""
    return [small(photo) for photo in rooms]


@pytest.fixture(scope="module")
def looks(kept: list[Image.Image]) -> Looks:
    """All of them, to be found."""
    found = Looks()
    for place, picture in enumerate(kept):
        found.add(place + 1, str(place), likeness.look(picture))
    return found


def resembled(new: Image.Image, looks: Looks, kept: list[Image.Image]) -> set[int]:
    """Say which of the kept ones a new one is flagged as resembling."""
    pairs = [
        (near.photo_id, likeness.agreement(kept[int(near.photo_id)], turned, near))
        for turned in likeness.both_ways(new)
        for near in looks.near(likeness.look(turned), MOST)
    ]
    return {int(photo_id) for photo_id in likeness.best(pairs)}


@pytest.mark.parametrize("way", WAYS)
def test_a_forged_photograph_is_flagged(
    way: str, rooms: list[Image.Image], kept: list[Image.Image], looks: Looks, record_property: Callable[..., None]
) -> None:
    chance = random.Random(way)
    flagged = others = 0
    for place in range(FORGED):
        found = resembled(small(WAYS[way](rooms[place], chance)), looks, kept)
        flagged += place in found
        others += len(found - {place})

    for name, n in ((f"{way} tried", FORGED), (f"{way} flagged", flagged), (f"{way} got through", FORGED - flagged)):
        record_property(name, n)
    assert others == 0
    if way in SURE:
        assert flagged >= 0.9 * FORGED


def test_honest_photos_are_not_flagged(
    kept: list[Image.Image], looks: Looks, record_property: Callable[..., None]
) -> None:
    false = {(place, other) for place, new in enumerate(kept) for other in resembled(new, looks, kept) - {place}}

    record_property("honest pairs", len(list(combinations(kept, 2))))
    record_property("falsely flagged", len(false))
    assert not false


def test_a_picture_that_shows_nothing_is_like_no_other() -> None:
    wall = small(Image.new("RGB", (480, 640), "white"))

    assert likeness.look(wall) == b""
    assert Looks().near(b"", MOST) == []
