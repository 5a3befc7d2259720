"""The server dies and the page is reloaded in the middle of a walk with photos: nothing is lost, nothing is doubled."""

from pathlib import Path
from typing import Any

from fieldcheck.storage import database, visit_queries
from fieldcheck.usecases import record
from tests.journeys.conftest import House
from tests.journeys.hands import Volunteer

SHEET = "entrance_stands"


def held(house: House, visit: str) -> tuple[dict[str, Any], list[str], list[str]]:
    """What the server holds: the answers that count, the ids of all answers, the hashes of all photos."""
    with database.transaction(house.settings.database_url, reading=True) as session:
        rows = visit_queries.answers(session, visit)
        current = {question: row.value for (_, question), row in visit_queries.current(rows).items()}
        photos = [photo.sha256 for photo in visit_queries.photos(session, visit, withdrawn=True)]
        return current, [row.id for row in rows], photos



def test_a_killed_server_and_a_reloaded_page_lose_and_double_nothing(
    house: House, devices: Any, pictures: list[Path]
) -> None:
    visit = house.story.assign()
    sheet = house.story.sheets[SHEET]
    chelsea = Volunteer(devices(), house).opens_her_link().begins()
    chelsea.walks(sheet, {}, pictures, until="ENT-08").has_sent_everything()
    acknowledged, _, photos_before = held(house, visit)

    house.kill()
    chelsea.walks(sheet, {}, pictures, until="ENT-13")
    queued = chelsea.outbox()
    chelsea.page.reload()
    after_reload = chelsea.outbox()
    chelsea.types_her_pin()
    chelsea.walks(sheet, {}, pictures, until="ENT-16")
    house.start()
    chelsea.has_sent_everything()
    chelsea.walks(sheet, {}, pictures).hands_in()

    answers, ids, photos = held(house, visit)
    assert acknowledged and photos_before
    assert {one["kind"] for one in queued} >= {"answer", "photo"}
    assert [one["id"] for one in after_reload] == [one["id"] for one in queued]
    assert acknowledged.items() <= answers.items()
    assert len(set(ids)) == len(ids)
    assert set(photos_before) <= set(photos) and len(set(photos)) == len(photos) == chelsea.taken
    assert record.verify_live(house.settings).holds  # it opens every photo and holds it against its hash
