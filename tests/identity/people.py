"""The story with a custodian and an auditor, and ways to look into what was stored."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import text

from fieldcheck.domain.access import Role
from fieldcheck.settings import Settings
from fieldcheck.storage import chain, database
from fieldcheck.usecases import people
from tests.story import Story, begin_story


def with_custodian(settings: Settings) -> Story:
    """The programme with Kira, who keeps what is confidential, and Ada, who reads the record."""
    story = begin_story(settings)
    for name, role in (("kira", Role.CUSTODIAN), ("ada", Role.AUDITOR)):
        with story.work("dana") as work:
            id_ = people.bring_in(work, role, None, name.title(), language="en")
            view = next(person for person in people.people(work) if person.id == id_)
        story.actors[name] = replace(story.actors["dana"], person_id=id_, code=view.code, role=role)
    return story


def rows(story: Story, query: str, url: str = "", **values: Any) -> list[Any]:
    """Ask a database."""
    with database.transaction(url or story.settings.database_url, reading=True) as session:
        return [tuple(row) for row in session.execute(text(query), values)]


def done(story: Story, subject: str) -> list[str]:
    """The actions that the chain holds about a subject."""
    with database.transaction(story.settings.database_url, reading=True) as session:
        return [action for _at, _actor, action, _body in chain.bodies(session, subject)]


def in_files(folder: Path, pattern: str, *sought: str) -> int:
    """How many of these texts stand in the files, as UTF-8 or as JSON escapes them."""
    whole = b"".join(path.read_bytes() for path in sorted(folder.glob(pattern)))
    forms = [(one.encode(), one.encode("ascii", "backslashreplace")) for one in sought]
    return sum(any(form in whole for form in pair) for pair in forms)
