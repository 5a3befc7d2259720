"""A small programme in which something of every kind has happened, with canaries where a name could leak.

Chelsea walked N1 in the north (accepted, its findings in the register) and has one visit open; Dina walks N2; Serik
walked S1 in the south (accepted). One photo of each is released, one is not, one was taken back. Ursula audits, Kira is
the custodian, Gulnar was a volunteer and no longer takes part.
"""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from PIL import Image
from sqlalchemy import delete, select, update
from sqlmodel import SQLModel, col

from fieldcheck.domain.access import Actor, Role
from fieldcheck.domain.geo import Point
from fieldcheck.domain.register import CaseFilter
from fieldcheck.domain.safety import Signal
from fieldcheck.settings import Settings
from fieldcheck.storage import database
from fieldcheck.storage.tables import ReleasedText, Tries
from fieldcheck.usecases import (
    devices,
    erasure,
    evidence,
    holds,
    people,
    register,
    reveals,
    review,
    safety,
    sync,
    ways_in,
)  # fmt: skip
from fieldcheck.usecases.safety import SentSignal
from fieldcheck.usecases.sync import Place, SentAnswer
from fieldcheck.usecases.work import begin, look
from tests.story import NORTH, SOUTH, Story, a_photo, begin_story, make_ready, new_id

SHEET = "illegal_collections"
FOUND = {"COL-05": "mandatory", "COL-04": "head", "COL-18": "heard", "COL-12": "no", "COL-15": "no"}
#: Volunteers, coordinators of north and south, reviewers of the country and of the south, and the rest.
EVERYBODY = ("chelsea", "dina", "serik", "alice", "boris", "bo", "bella", "dana", "ursula", "kira")
NAME, PHONE, DEVICE = "Canarina Kanareikina", "+77015550199", "device-canary-7f3a"
HOME, STOOD = Point(54.7731, 69.0449), Point(54.875391, 69.162877)
SPOKEN = "canary-words: звоните завучу +77015550144"
RELEASED = "The deputy asked that a payment be arranged by telephone."
EXIF = "exif-canary"


@dataclass
class Town:
    """The programme, and every id in it by the name that the tests use."""

    story: Story
    walked_at: datetime
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return self.story.settings

    def actor(self, name: str) -> Actor:
        return self.story.actors[name]

    def cookie(self, name: str) -> str:
        """Sign *name* in on a device of her own; gives the cookie."""
        return sign_in(self.settings, self.actor(name).code, datetime.now(UTC))

    def phone(self, name: str, at: datetime | None = None) -> str:
        """The cookie of a phone of *name*'s, without the session on it."""
        at = at or datetime.now(UTC)
        token = people.invite_from_console(self.settings, self.actor(name).code, at)
        return people.redeem(self.settings, token, at).device_cookie

    def ended_phone(self, name: str) -> str:
        """The cookie of a phone that was ended."""
        cookie = self.phone(name)
        devices.leave(self.settings, cookie, datetime.now(UTC))
        return cookie

    def left_alone(self, name: str) -> str:
        """The cookies of a phone whose session was left alone for longer than it waits: as its browser sends them."""
        now, value = datetime.now(UTC), "ab" * 32
        phone = self.phone(name, now - timedelta(hours=2))
        devices.set_pin(self.settings, self.actor(name), phone, value, "", now - timedelta(hours=2))
        session = devices.unlock(self.settings, phone, value, now - timedelta(hours=1))
        return f"fc={session.cookie}; fc_dev={phone}"

    def cookies(self) -> dict[str, str | None]:
        """A cookie of everybody, of nobody, of somebody who left, one too old; phones: locked, ended, left alone."""
        long_ago = datetime.now(UTC) - timedelta(days=60)
        return {
            "nobody": None,
            "revoked": self.ids["cookie of who left"],
            "expired": sign_in(self.settings, self.actor("chelsea").code, long_ago),
            "ended": f"fc_dev={self.ended_phone('chelsea')}",
            **{name: self.cookie(name) for name in EVERYBODY},
            "locked": f"fc_dev={self.phone('chelsea', long_ago)}",
            "idle": self.left_alone("chelsea"),
        }

    def rewrite(self, text: str) -> None:
        """Put *text* in the place of what Alice released: how a control plants a leak."""
        with database.transaction(self.settings.database_url) as session:
            where = col(ReleasedText.visit_id) == self.ids["visit north"]
            session.execute(update(ReleasedText).where(where).values(text=text))

    def canaries(self) -> dict[str, str]:
        """Everything that would tell the agency who was there, or when to the minute."""
        chelsea, local = self.actor("chelsea"), self.walked_at.astimezone(ZoneInfo("Asia/Almaty"))
        return {
            "name": NAME,
            "family name": NAME.rsplit(maxsplit=1)[-1],
            "phone": PHONE,
            "phone without its plus": PHONE[1:],
            "code": chelsea.code,
            "person": chelsea.person_id,
            "device": DEVICE,
            "home, latitude": "54.77",
            "home, longitude": "69.04",
            "position, latitude": str(STOOD.lat),
            "position, longitude": str(STOOD.lon),
            "minute, her clock": local.strftime("%H:%M"),
            "minute, UTC": self.walked_at.strftime("%H:%M"),
            "her words": "canary-words",
            "the phone in her words": "77015550144",
            "EXIF": EXIF,
        }


def build(settings: Settings, now: datetime | None = None) -> Town:
    """Let it all happen. *now* is the last moment of it."""
    now = now or datetime.now(UTC).replace(microsecond=0)
    # 10:47 in Almaty, three days ago: no other clock of the programme shows this minute.
    walked = (now - timedelta(days=3)).replace(hour=5, minute=47, second=13, microsecond=0)
    story = begin_story(settings, walked - timedelta(hours=26, minutes=17))
    town = Town(story, walked)
    _more_people(town)
    _walk(town, "north", "N1", "chelsea", "alice")
    _walk(town, "south", "S1", "serik", "boris")
    story.now = now - timedelta(minutes=5)
    town.ids["open visit"] = story.assign("N2", "dina", SHEET)
    town.ids["her open visit"] = story.assign("N3", "chelsea", "entrance_stands")
    town.ids["open photo"] = story.photo(town.ids["open visit"], SHEET, "COL-17", 71, "dina")
    _papers(town)
    _signed_in(town)
    return town


def _signed_in(town: Town) -> None:
    """A phone of each volunteer and a desk's session of each coordinator, by the ids that those lists show."""
    for where, volunteer, coordinator in (("north", "chelsea", "alice"), ("south", "serik", "boris")):
        town.phone(volunteer)
        town.cookie(coordinator)
        with look(town.settings, town.actor(volunteer)) as work:
            town.ids[f"phone {where}"] = devices.listed(work)[town.actor(volunteer).person_id][0].id
        with look(town.settings, town.actor(coordinator)) as work:
            town.ids[f"session {where}"] = ways_in.mine(work).sessions[0].id


def _more_people(town: Town) -> None:
    story = town.story
    with story.work("dana") as work:
        for name, role in (("ursula", Role.AUDITOR), ("kira", Role.CUSTODIAN)):
            person = people.bring_in(work, role, None, name.title(), language="en")
            code = next(one.code for one in people.people(work) if one.id == person)
            story.actors[name] = Actor(person, code, role, None, "en")
    with story.work("alice") as work:
        for name, called, phone in (("chelsea", NAME, PHONE), ("gulnar", "Gulnar", "")):
            person = people.bring_in(work, Role.VOLUNTEER, NORTH, called, phone, "en", HOME)
            code = next(one.code for one in people.people(work) if one.id == person)
            story.actors[name] = Actor(person, code, Role.VOLUNTEER, NORTH, "en")
    for name in ("chelsea", "gulnar"):
        make_ready(story, name, "alice")
    with story.work("alice") as work:
        town.ids["conflict north"] = people.declare_conflict(
            work, story.actors["dina"].person_id, "employer", school_id="N1"
        )
    with story.work("boris") as work:
        town.ids["conflict south"] = people.declare_conflict(
            work, story.actors["serik"].person_id, "other", district="elsewhere"
        )


def _walk(town: Town, where: str, school: str, who: str, by: str) -> None:
    story = town.story
    visit = story.assign(school, who, SHEET, by)
    story.now = town.walked_at
    _tell(town, visit, who)
    shown = _picture(town, visit, who, where, 1)
    town.ids |= {f"visit {where}": visit, f"released photo {where}": shown}
    town.ids[f"sealed photo {where}"] = _picture(town, visit, who, where, 2)
    gone = town.ids[f"withdrawn photo {where}"] = _picture(town, visit, who, where, 3)
    with story.work(who) as work:
        evidence.withdraw(work, visit, gone)
    story.walk(visit, SHEET, who, {**FOUND, "COL-16": SPOKEN})
    story.submit(visit, who)
    story.later(hours=20, minutes=31)  # the coordinator's minute is not the visit's
    with story.work(by) as work:
        review.accept(work, visit, [shown], {(story.sheets[SHEET].digest, "COL-16"): RELEASED}, note="canary-words")
    with look(story.settings, story.actors["bo"], now=story.now) as work:
        region = NORTH if where == "north" else SOUTH
        rows = register.entries(work, CaseFilter(region=(region,))).rows
    town.ids[f"case {where}"] = rows[0].id
    story.now = town.walked_at - timedelta(hours=25)


def _tell(town: Town, visit: str, who: str) -> None:
    """The first answer carries the position, the device and the minute."""
    story = town.story
    sent = SentAnswer(
        new_id(), story.sheets[SHEET].digest, "COL-01", "in_person", story.now, story.now,
        Place(STOOD.lat, STOOD.lon, 11.0, 2.0),
    )  # fmt: skip
    with story.work(who) as work:
        (taken,) = sync.take_answers(work, visit, story.now, DEVICE, "test", [sent])
    assert taken.status == "stored", taken


def _picture(town: Town, visit: str, who: str, where: str, number: int) -> str:
    data, story = telling_photo(town.walked_at, 100 * number + len(where) + ord(where[0])), town.story
    sent = evidence.SentPhoto(
        new_id(), story.sheets[SHEET].digest, "COL-17", sha256(data).hexdigest(), len(data), story.now, "camera",
        Place(STOOD.lat, STOOD.lon, 11.0, 2.0),
    )  # fmt: skip
    evidence.take_part(story.settings, story.actors[who], visit, sent, 0, data, now=story.now)
    return sent.id


def telling_photo(taken: datetime, seed: int) -> bytes:
    """A JPEG whose EXIF, comment and XMP say who took it, with what, where and when."""
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x013B] = f"{EXIF} {NAME}"  # Artist
    exif[0x010F], exif[0x0110], exif[0x9286] = EXIF, DEVICE, PHONE  # Make, Model, UserComment
    exif[0x0132] = taken.strftime("%Y:%m:%d %H:%M:%S")
    exif.get_ifd(0x8825).update({1: "N", 2: (54.0, 52.0, 31.4), 3: "E", 4: (69.0, 9.0, 46.3)})
    picture = Image.open(io.BytesIO(a_photo(seed)))
    picture.save(out, "JPEG", exif=exif, comment=f"{EXIF} {NAME}".encode(), xmp=f"<x>{EXIF} {DEVICE}</x>".encode())
    return out.getvalue()


def _papers(town: Town) -> None:
    """An order to erase that waits, a hold, an alarm from each region, and somebody who left."""
    story = town.story
    with story.work("dana") as work:
        town.ids["order"] = erasure.ask(work, "photo", town.ids["sealed photo south"], "a face can be seen")
    with story.work("bella") as work:
        holds.hold(work, town.ids["case south"], "a court asked")
    with story.work("dana") as work:
        town.ids["reveal"] = reveals.ask(work, story.actors["serik"].code, "a court asked")
    with begin(story.settings, story.actors["kira"]) as work:
        reveals.consent(work, town.ids["reveal"])
    for where, who in (("north", "dina"), ("south", "serik")):
        told = SentSignal(new_id(), Signal.RECOGNISED, story.now, story.now, Place(no_place="off"))
        visit = town.ids["open visit" if where == "north" else "visit south"]
        with story.work(who) as work:
            safety.alarm(work, visit, told)
        town.ids[f"alarm {where}"] = told.id
    town.ids["cookie of who left"] = town.cookie("gulnar")
    with story.work("alice") as work:
        people.close(work, story.actors["gulnar"].person_id)


def sign_in(settings: Settings, code: str, at: datetime) -> str:
    """Redeem a fresh link of *code* at a moment; gives the cookie."""
    return people.redeem(settings, people.invite_from_console(settings, code, at), at).cookie


def rows_of(settings: Settings) -> Iterator[str]:
    """Everything that the tables hold, a line a row."""
    with database.transaction(settings.database_url, reading=True) as session:
        for table in SQLModel.metadata.sorted_tables:
            lines = [f"{table.name} {tuple(row)!r}" for row in session.execute(select(table))]
            yield from sorted(lines)


def digest(settings: Settings, *but: str) -> str:
    """One hash over all tables *but* these and all files of photos: changes when anything at all was written.

    A refused try at a door is counted in `tries`: that is what refusing is there.
    """
    found = hashlib.sha256()
    for line in rows_of(settings):
        if line.startswith(tuple(f"{name} " for name in but)):
            continue
        found.update(line.encode(errors="surrogatepass") + b"\n")
    for path in sorted(settings.photos.rglob("*")):
        # A clean copy may be made by looking; it says nothing that the photo did not say.
        if path.is_file() and "deriv" not in path.parts:
            found.update(f"{path.relative_to(settings.photos)} {path.stat().st_size}\n".encode())
    return found.hexdigest()


def make_peace(settings: Settings) -> None:
    """Let the doors forget who tried them."""
    with database.transaction(settings.database_url) as session:
        session.execute(delete(Tries))


def changed(settings: Settings, before: set[str]) -> list[str]:
    """The rows that are there now and were not before: what a failed test wants to know."""
    return [line[:300] for line in rows_of(settings) if line not in before]
