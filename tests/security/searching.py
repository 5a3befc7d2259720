"""All that the agency can get hold of, gathered kind by kind, and one search through it: of the town and of a demo."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from sqlmodel import SQLModel
from starlette.testclient import TestClient

from fieldcheck.domain.access import Actor
from fieldcheck.settings import Settings
from tests.screens.sitting import Chair
from tests.security.pages import everything
from tests.security.town import rows_of

#: The agency's own pages, and all others that it might try.
PAGES = ("figures", "register", "case")
#: What the agency's queries read; the rest of the database it never asks.
AGENCYS = ("register_case", "case_event", "released_text", "legal_hold", "revisit", "body", "school", "region")
LANGUAGES = ("ru", "kk", "en")
_MINUTE, _POINT = re.compile(rb"\d\d:\d\d"), re.compile(rb"\d{2,3}\.\d{4,}")
_ROWS_MOMENT = re.compile(r"datetime\.datetime\((\d+), (\d+), (\d+), (\d+), (\d+)")


class Place(NamedTuple):
    """One place that was looked into, and all that is in it."""

    kind: str
    where: str
    data: bytes


@dataclass(frozen=True)
class Desk:
    """Somebody of the agency: her pages are opened as *actor*, her requests go through *browser*."""

    name: str
    actor: Actor
    browser: TestClient


@dataclass(frozen=True)
class Things:
    """What there is to be asked for: entries and photos by their names, and what each part of a path may become."""

    cases: Mapping[str, str]
    photos: Mapping[str, str]
    ids: Callable[[str], Iterable[str]]


@dataclass(frozen=True)
class Canaries:
    """What must be nowhere: texts by name; moments as they may be written, by their hour and minute; positions."""

    texts: Mapping[str, str]
    moments: Mapping[bytes, Sequence[bytes]] = field(default_factory=dict)
    points: frozenset[bytes] = frozenset()

    def __len__(self) -> int:
        """Count them."""
        return len(self.texts) + sum(map(len, self.moments.values())) + len(self.points)

    @cached_property
    def needles(self) -> tuple[tuple[str, bytes], ...]:
        """The texts as bytes; those beyond ASCII also as a page's table has them (see `pages.everything`)."""
        plain = [(name, text.encode()) for name, text in self.texts.items()]
        return (*plain, *((name, _escaped(data)) for name, data in plain if not data.isascii()))

    def in_(self, data: bytes) -> set[str]:
        """Name those that stand in some bytes."""
        found = {name for name, needle in self.needles if needle in data}
        for at in _MINUTE.finditer(data) if self.moments else ():
            around = b" " + data[max(0, at.start() - 40) : at.end()]
            told = [one for one in self.moments.get(at[0], ()) if around.endswith(one)]
            # "4 Sep, 10:25" is the end of "14 Sep, 10:25" too.
            found |= {f"moment {one.decode()}" for one in told if not around[: -len(one)][-1:].isdigit()}
        if self.points:
            found |= {f"position {at.decode()}" for at in self.points.intersection(_POINT.findall(data))}
        return found


def _escaped(data: bytes) -> bytes:
    return b"".join(bytes([one]) if one < 128 else b"\\%03o" % one for one in data)


def agencys(chair: Chair, desks: Sequence[Desk], things: Things, languages: Sequence[str] = ()) -> Iterator[Place]:
    """Give every page, answer, export, letter and photo of these desks; pages in each language, if any is named."""
    for desk in desks:
        for language in languages or ("",):
            yield from _pages(chair, desk, things, language)
        yield from _answers(desk, things)
        yield from _files(desk, things)


def _speak(desk: Desk, language: str) -> None:
    assert desk.browser.post("/api/me/language", json={"language": language}).status_code == 200


def _pages(chair: Chair, desk: Desk, things: Things, language: str) -> Iterator[Place]:
    if language:
        _speak(desk, language)
    for screen in PAGES:
        for name, case in things.cases.items() if screen == "case" else (("", ""),):
            page = chair.sit(desk.actor, screen, **({"case": case} if case else {}))
            assert not page.exception, page.exception
            where = f"{desk.name}, page {screen} {name}" + (f", {language}" if language else "")
            yield Place("page", where, everything(page).encode())


def _answers(desk: Desk, things: Things) -> Iterator[Place]:
    for path, operations in desk.browser.get("/api/openapi.json").json()["paths"].items():
        if "get" not in operations:
            continue
        part = re.search(r"{(visit_id|photo_id|case_id|digest)}", path)
        for id_ in things.ids(part[1]) if part else ("",):
            filled = re.sub(r"{(visit_id|photo_id|case_id|digest)}", id_, path)
            answer = desk.browser.get("/api" + filled.replace("{kind}", "view").replace("{language}", "en"))
            heads = "\n".join(f"{key}: {value}" for key, value in answer.headers.items())
            # What she said herself is said back to her in an error: that is no news to her.
            said = answer.content.replace(id_.encode() or b"\0", b"")
            yield Place("answer", f"{desk.name}, GET {path} {id_}", (heads + "\n").encode() + said)


def _files(desk: Desk, things: Things) -> Iterator[Place]:
    get = desk.browser.get
    for language in LANGUAGES:
        _speak(desk, language)
        yield Place("export", f"{desk.name}, export in {language}", get("/api/register.csv").content)
        for name, case in things.cases.items():
            letter = get(f"/api/letters/{case}?language={language}")
            yield Place("letter", f"{desk.name}, letter {name}, {language}", letter.content)
    for kind in ("view", "thumb"):
        for name, photo in things.photos.items():
            yield Place("photo", f"{desk.name}, {name}, {kind}", get(f"/api/photos/{photo}/{kind}").content)


def tables(settings: Settings, *, others: bool = False) -> Iterator[Place]:
    """Give each table that the agency's queries read, or each of the others; moments as they are usually written."""
    for name in sorted(table.name for table in SQLModel.metadata.sorted_tables):
        if (name in AGENCYS) is not others:
            lines = "\n".join(row for row in rows_of(settings) if row.startswith(f"{name} "))
            yield Place("table", name, _ROWS_MOMENT.sub(_plainly, lines).encode())


def _plainly(said: re.Match[str]) -> str:
    year, *rest = (int(one) for one in said.groups())
    return "{:04}-{:02}-{:02}T{:02}:{:02}".format(year, *rest)


def search(places: Iterable[Place], canaries: Canaries) -> tuple[set[tuple[str, str]], Counter[str]]:
    """Look for every canary in every place: (canary, where), and how much of each kind was looked through."""
    found, looked = set[tuple[str, str]](), Counter[str]()
    for place in places:
        found |= {(canary, place.where) for canary in canaries.in_(place.data)}
        looked.update({f"{place.kind}s": 1, "bytes": len(place.data)})
    return found, looked


def note(
    record_property: Callable[[str, Any], None], looked: Mapping[str, int], canaries: Canaries, found: int
) -> None:
    """Write down what was searched, for what, and what was found."""
    for what, number in {**looked, "canaries": len(canaries), "found": found}.items():
        record_property(what, number)
