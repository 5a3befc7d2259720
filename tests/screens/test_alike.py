"""Photos that look alike, at the check: beside each other, each with the visit that it is from."""


from tests.screens.sitting import Chair
from tests.security.forging import as_bytes, room
from tests.story import Story
from tests.usecases.test_likeness import compare, forged, send


def test_photos_that_look_alike_stand_beside_each_other_and_say_whose_they_are(chair: Chair, story: Story) -> None:
    first, second = story.assign("N1"), story.assign("N2", "dina")
    one = send(story, first, as_bytes(room(1)))
    story.later(hours=2)
    two = send(story, second, forged(), who="dina")
    compare(story)

    page = chair.sit(story.actors["alice"], "check", visit=second)

    shown = [mark.value for mark in page.markdown if "/thumb" in mark.value]
    told = [caption.value for caption in page.caption if caption.value.startswith(("This visit", "Another visit"))]
    assert f"/api/photos/{two}/thumb" in shown[0] and f"/api/photos/{one}/thumb" in shown[1]
    assert told[0] == "This visit: ENT-04" and told[1].startswith("Another visit: School N1, ")
    assert not any(story.actors["chelsea"].code in caption for caption in told)
