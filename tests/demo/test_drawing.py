import io

import pytest
from PIL import Image

from fieldcheck.demo import lettering
from fieldcheck.demo.drawing import Scene, draw
from fieldcheck.storage.images import Claims, Seen, develop, inspect


def test_a_scene_nobody_can_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="portrait"):
        draw("portrait", 1)


@pytest.mark.parametrize("scene", Scene)
@pytest.mark.parametrize("language", ["ru", "kk", "en"])
def test_every_scene_passes_for_a_phone_photo_in_every_language(scene: Scene, language: str) -> None:
    data = draw(scene, 7, language)

    assert inspect(data) == Seen("JPEG", 1536, 2048)
    assert 80_000 < len(data) < 300_000
    assert "exif" not in Image.open(io.BytesIO(data)).info


def test_the_same_seed_draws_the_same_photo_and_another_seed_another_one() -> None:
    assert draw(Scene.NOTICE, 3) == draw("notice", 3)
    assert draw(Scene.NOTICE, 3) != draw(Scene.NOTICE, 4)


def test_a_drawn_photo_claims_nothing() -> None:
    assert develop(draw(Scene.PLATE, 1)).claims == Claims()


def test_there_is_a_font_with_kazakh_letters_beside_us() -> None:
    letters = lettering.font(40, 700)

    assert letters is not None
    for letter in "ӘәҒғҚқҢңӨөҰұҮүҺһІіЖж№₸":
        assert bytes(letters.getmask(letter)) != bytes(letters.getmask("\uffff")), letter


def test_a_machine_without_fonts_draws_bars_instead_of_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "font", lambda *_: None)

    assert inspect(draw(Scene.STAND_WITH_BAN, 1)) == Seen("JPEG", 1536, 2048)
