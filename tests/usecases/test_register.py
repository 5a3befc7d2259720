"""The register: what enters it, who reads it, and that nothing of the volunteer does."""

import dataclasses
import io
import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from fieldcheck import words
from fieldcheck.domain.access import Actor
from fieldcheck.domain.case import CaseMove, CaseState, Outcome
from fieldcheck.domain.checklist import Severity
from fieldcheck.domain.errors import Conflict, Forbidden, Invalid, NotFound, NotNow
from fieldcheck.domain.geo import Presence
from fieldcheck.domain.register import CaseFilter
from fieldcheck.domain.response import Measure, Reply
from fieldcheck.settings import Settings
from fieldcheck.storage import chain, database
from fieldcheck.storage.tables import Case
from fieldcheck.usecases import case_views, cases, casework, register, register_export, schools
from fieldcheck.usecases.case_views import CaseView
from fieldcheck.usecases.work import begin, look
from tests import factories as the

NOW = the.MONDAY
DETECTED, CONFIRMED, REFERRED, ANSWERED = (
    CaseState.DETECTED,
    CaseState.CONFIRMED,
    CaseState.REFERRED,
    CaseState.ANSWERED,
)


@dataclasses.dataclass
class Programme:
    """One region with a school, Alice who coordinates, Chelsea who walks and Bo who reviews the country."""

    settings: Settings
    alice: Actor
    chelsea: Actor
    bo: Actor

    def opened(self, *codes: str, now: datetime = NOW, school: str = "school-1", volunteer: Actor | None = None) -> str:
        """Accept a visit with *codes* and give the id of the entry of the first one."""
        visit = the.an_accepted_visit_with_findings(
            self.settings, school, volunteer or self.chelsea, self.alice, codes or ("V-COL-03",)
        )
        with begin(self.settings, self.alice, now=now) as work:
            numbers = register.open_cases(work, visit)
        rows = self.listed(now=now, code=codes[:1] or ("V-COL-03",)).rows
        return next(row.id for row in rows if row.number in numbers)

    def seen(self, case_id: str, actor: Actor | None = None, now: datetime = NOW) -> CaseView:
        """Read an entry."""
        with look(self.settings, actor or self.bo, now=now) as work:
            return cases.read(work, case_id)

    def listed(self, actor: Actor | None = None, now: datetime = NOW, **wanted: Any) -> register.Page:
        """List entries."""
        with look(self.settings, actor or self.bo, now=now) as work:
            return register.entries(work, CaseFilter(**wanted))

    def does(
        self,
        what: Any,
        case_id: str,
        *said: Any,
        seen: CaseState,
        now: datetime = NOW,
        actor: Actor | None = None,
        **more: Any,
    ) -> None:
        """Make a move as Bo."""
        with begin(self.settings, actor or self.bo, now=now) as work:
            what(work, case_id, *said, seen=seen, **more)

    def referred(self, *codes: str) -> str:
        """Bring an entry to where a body has it."""
        id_ = self.opened(*codes)
        self.does(casework.confirm, id_, "two agree", seen=DETECTED)
        self.does(casework.refer, id_, "DQA", "12-3/45", NOW.date(), seen=CONFIRMED)
        return id_

    def answered(self, *codes: str) -> str:
        """Bring an entry to where the body has answered."""
        id_ = self.referred(*codes)
        self.does(casework.answer, id_, "77", NOW.date(), "Looked at", Reply.CONFIRMED, seen=REFERRED)
        return id_


@pytest.fixture
def programme(database: Settings) -> Programme:
    the.a_region(database)
    the.a_school(database)
    return Programme(database, the.a_coordinator(database), the.a_volunteer(database), the.a_reviewer(database))


# Refusals


@pytest.mark.parametrize("who", ["alice", "chelsea"])
def test_only_the_agency_reads_and_works_the_register(programme: Programme, who: str) -> None:
    id_, actor = programme.opened(), getattr(programme, who)

    with look(programme.settings, actor, now=NOW) as work:
        for ask in (
            lambda: register.entries(work, CaseFilter()),
            lambda: register.choices(work),
            lambda: register.schools(work, the.ALMATY),
            lambda: cases.read(work, id_),
            lambda: casework.confirm(work, id_, "why", seen=DETECTED),
            lambda: register_export.write(work, CaseFilter(), io.BytesIO()),
            lambda: register_export.note(work, CaseFilter(), 0),
            lambda: register_export.export(programme.settings, actor, CaseFilter()),
            lambda: register.every(work, CaseFilter(), 10),
        ):
            with pytest.raises(Forbidden):
                ask()


def test_an_entry_of_another_region_looks_like_a_missing_one(programme: Programme) -> None:
    the.a_region(programme.settings, the.ABAI, "Abai")
    foreign = the.a_reviewer(programme.settings, the.ABAI, "R-300")
    id_ = programme.opened()

    told = []
    for case_id in (id_, "no-such-entry"):
        with pytest.raises(NotFound) as read:
            programme.seen(case_id, foreign)
        with pytest.raises(NotFound) as worked:
            programme.does(casework.confirm, case_id, "why", seen=DETECTED, actor=foreign)
        told += [str(read.value), str(worked.value)]

    assert set(told) == {"case.not_found"}
    assert programme.listed(foreign).total == 0


def test_an_entry_that_somebody_else_moved_is_not_moved_again(programme: Programme) -> None:
    id_ = programme.opened()
    programme.does(casework.confirm, id_, "first", seen=DETECTED)

    with pytest.raises(Conflict, match=r"case\.changed"):
        programme.does(casework.dismiss, id_, "second", seen=DETECTED)

    assert [event.reason for event in programme.seen(id_).history] == ["first"]


def test_a_move_that_the_state_does_not_know_is_refused(programme: Programme) -> None:
    id_ = programme.opened()

    with pytest.raises(NotNow, match=r"case\.not_now"):
        programme.does(casework.close, id_, Outcome.REMEDIED, "done", seen=DETECTED)


@pytest.mark.parametrize("reason", ["", "   "])
def test_nobody_confirms_or_dismisses_without_a_reason(programme: Programme, reason: str) -> None:
    id_ = programme.opened()

    for what in (casework.confirm, casework.dismiss):
        with pytest.raises(Invalid, match=r"case\.reason_needed"):
            programme.does(what, id_, reason, seen=DETECTED)


@pytest.mark.parametrize(
    ("body", "reference", "days", "code"),
    [
        ("NOBODY", "1", 0, "case.body_unknown"),
        ("DQA", " ", 0, "case.reference_needed"),
        ("DQA", "9" * 81, 0, "case.reference_needed"),
        ("DQA", "1", 1, "case.date_wrong"),
        ("DQA", "1", -1, "case.date_wrong"),
    ],
)
def test_a_referral_names_a_body_a_letter_and_a_day_that_can_be(
    programme: Programme, body: str, reference: str, days: int, code: str
) -> None:
    id_ = programme.opened()
    programme.does(casework.confirm, id_, "yes", seen=DETECTED)

    with pytest.raises(Invalid, match=code):
        programme.does(casework.refer, id_, body, reference, NOW.date() + timedelta(days=days), seen=CONFIRMED)


@pytest.mark.parametrize("due", [date(2026, 10, 5), date(2026, 11, 15)])
def test_a_term_is_put_off_forwards_and_no_further_than_two_months(programme: Programme, due: date) -> None:
    id_ = programme.referred()

    with pytest.raises(Invalid, match=r"case\.due_out_of_bounds"):
        programme.does(casework.extend, id_, "they asked", due, seen=REFERRED)


def test_one_visit_alone_is_no_ground_for_a_sanction(programme: Programme) -> None:
    id_ = programme.answered()

    with pytest.raises(Invalid, match=r"case\.second_confirmation_needed"):
        programme.does(casework.close, id_, Outcome.SANCTIONED, "order issued", seen=ANSWERED)

    programme.does(casework.close, id_, Outcome.SANCTIONED, "order issued", "Order 14", seen=ANSWERED)
    assert programme.seen(id_).outcome == "sanctioned"


@pytest.mark.parametrize("again", [True, False], ids=["by the same person", "by somebody else"])
def test_another_confirmed_visit_is_no_ground_whoever_walked_it(programme: Programme, again: bool) -> None:
    """What a reviewer is answered says nothing of by whom two visits were; `test_revisits.py` has what is a ground."""
    id_ = programme.answered()
    who = programme.chelsea if again else the.a_volunteer(programme.settings, code="V-8888")
    other = programme.opened("V-COL-03", volunteer=who)
    programme.does(casework.confirm, other, "the same again", seen=DETECTED)

    with pytest.raises(Invalid, match=r"case\.second_confirmation_needed"):
        programme.does(casework.close, id_, Outcome.SANCTIONED, "order", seen=ANSWERED)


# Opening


def test_numbers_tell_nothing_of_the_order_in_which_visits_were_accepted(programme: Programme) -> None:
    """One that ran on would: of two entries of one week the lower would be the earlier visit's."""
    given: list[str] = []
    for _visit in range(6):
        programme.opened("V-COL-02", "V-COL-03", "V-COL-04")
        now = {row.number for row in programme.listed().rows}
        given += sorted(now - set(given))
    drawn = [int(one.rsplit("-", 1)[1]) for one in given]
    steps = {later - earlier for earlier, later in itertools.pairwise(drawn)}

    assert len(set(given)) == 18 and all(10_000 <= n <= 99_999 for n in drawn)
    assert len(steps) > 10  # they do not run on
    first, last = drawn[:9], drawn[9:]
    assert min(last) < max(first)  # nor only upwards


def test_a_number_that_is_taken_is_drawn_again(programme: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "lots", lambda taken: range(10_000, 10_001 + taken))

    programme.opened("V-COL-02", "V-COL-03", "V-COL-04")

    assert len({row.number for row in programme.listed().rows}) == 3


def test_each_region_and_each_year_has_numbers_of_its_own(programme: Programme) -> None:
    the.a_region(programme.settings, the.ABAI, "Abai")
    the.a_school(programme.settings, the.ABAI, "school-2", "School No. 2")
    abroad = the.a_volunteer(programme.settings, the.ABAI, "V-9999")
    programme.opened()
    programme.opened("V-COL-04", school="school-2", volunteer=abroad)
    # 20:00 UTC on New Year's eve is the new year already where the programme lives
    eve = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)
    programme.opened("V-COL-02", now=eve)

    numbers = {row.number for row in programme.listed(now=eve).rows}

    begin = sorted(one.rsplit("-", 1)[0] for one in numbers)
    assert begin == sorted(["НР-2026-" + the.ALMATY, "НР-2026-" + the.ABAI, "НР-2027-" + the.ALMATY])


def test_opening_a_visit_twice_doubles_nothing(programme: Programme) -> None:
    visit = the.an_accepted_visit_with_findings(
        programme.settings, "school-1", programme.chelsea, programme.alice, ["V-COL-02", "V-COL-03"]
    )

    opened = []
    for _round in (1, 2):
        with begin(programme.settings, programme.alice, now=NOW) as work:
            opened.append(len(register.open_cases(work, visit)))

    assert opened == [2, 0]
    assert programme.listed().total == 2


def test_the_programmes_own_incidents_never_enter_the_register(programme: Programme) -> None:
    programme.opened("V-COL-03", "V-COL-99")

    assert [row.code for row in programme.listed().rows] == ["V-COL-03"]


def test_good_practice_is_noted_and_asks_nothing_of_anyone(programme: Programme) -> None:
    view = programme.seen(programme.opened("V-COL-90"))

    assert (view.state, view.due_at, view.moves) == (CaseState.NOTED, None, ())


def test_a_critical_entry_is_restricted_and_due_within_a_day(programme: Programme) -> None:
    critical, high = programme.seen(programme.opened("V-COL-02")), programme.seen(programme.opened("V-COL-03"))

    assert critical.restricted and critical.due_at == NOW + timedelta(hours=24)
    assert not high.restricted
    assert high.due_at == datetime(2026, 9, 17, 18, 59, 59, tzinfo=UTC)  # three working days, to the end of the day


def test_the_same_sign_soon_after_it_was_put_right_is_a_repeat_and_graver(programme: Programme) -> None:
    first = programme.answered()
    programme.does(casework.close, first, Outcome.REMEDIED, "done", seen=ANSWERED)

    soon, later = NOW + timedelta(days=89), NOW + timedelta(days=91)
    again = programme.seen(programme.opened(now=soon), now=soon)
    late = programme.opened("V-COL-03", now=later)

    assert again.repeat_of == programme.seen(first).number
    assert again.severity is Severity.CRITICAL and again.restricted
    assert programme.seen(late, now=later).repeat_of is None


def test_every_entry_and_every_move_stands_in_the_chain(programme: Programme) -> None:
    id_ = programme.referred()

    with look(programme.settings, programme.bo) as work:
        done = [(action, body.get("move")) for _, _, action, body in chain.bodies(work.session, id_)]

    assert done == [("case.open", None), ("case.work", "confirm"), ("case.work", "refer")]
    assert [link.action for link in programme.seen(id_).chain] == ["case.open", "case.work", "case.work"]


# Reading


def test_the_agency_reads_what_was_seen_and_on_what_ground(programme: Programme) -> None:
    view = programme.seen(programme.opened())

    said = {answer.question["en"]: answer for answer in view.answers}
    assert said["What was said about payments?"].chosen[0]["en"] == "Payment is mandatory"  # type: ignore[index]
    assert said["Which amount?"].figure == 5000
    assert said["When was it said?"].half == "2026-09-11/am"
    assert said["Their words"].sealed and said["Their words"].text is None
    assert (view.visited, view.presence) == ("2026-09-11/am", Presence.PROBABLY)
    assert {ground.id: ground.wants_lawyer for ground in view.legal_basis} == {"EDU-63-2-2": False, "UK-190": True}
    assert [kind for kind, _question in view.evidence_missing] == ["quote"]
    assert len(view.photos) == 1


def test_free_text_reaches_the_agency_only_as_the_coordinator_worded_it(programme: Programme) -> None:
    visit = the.an_accepted_visit_with_findings(
        programme.settings, "school-1", programme.chelsea, programme.alice, ["V-COL-03"]
    )
    the.a_released_text(programme.settings, visit, "Payment was called mandatory.")
    with begin(programme.settings, programme.alice, now=NOW) as work:
        register.open_cases(work, visit)

    view = programme.seen(programme.listed().rows[0].id)

    assert [answer.text for answer in view.answers if answer.text] == ["Payment was called mandatory."]


def test_nothing_of_the_volunteer_can_appear(programme: Programme) -> None:
    id_ = programme.answered()

    shown = programme.seen(id_)
    told = json.dumps([dataclasses.asdict(shown), dataclasses.asdict(programme.listed())], default=str)
    with begin(programme.settings, programme.bo, now=NOW) as work:
        told += the.csv_of(work, CaseFilter()).decode()
    views = (*vars(case_views).values(), register.CaseLine)
    fields = {field.name for view in views if dataclasses.is_dataclass(view) for field in dataclasses.fields(view)}

    canaries = (*the.CANARIES, programme.chelsea.person_id)
    assert [canary for canary in canaries if canary.casefold() in told.casefold()] == []
    assert not {"volunteer", "person", "device", "lat", "lon", "accuracy", "started", "visit_id"} & fields


def test_history_names_the_agencys_own_people_only(programme: Programme) -> None:
    view = programme.seen(programme.referred())

    assert [(event.by, event.move) for event in view.history] == [
        ("R-200", CaseMove.CONFIRM),
        ("R-200", CaseMove.REFER),
    ]


# Listing


def test_a_filter_finds_by_every_field(programme: Programme) -> None:
    programme.opened("V-COL-02", "V-COL-03")
    the.a_school(programme.settings, id_="school-2", name="Гимназия 12")
    programme.opened("V-COL-04", school="school-2", now=NOW + timedelta(days=10))

    def codes(**wanted: Any) -> list[str]:
        return sorted(row.code for row in programme.listed(now=NOW + timedelta(days=11), **wanted).rows)

    assert codes(severity=(Severity.CRITICAL,)) == ["V-COL-02"]
    assert codes(code=("V-COL-03",)) == ["V-COL-03"]
    assert codes(school="school-2") == codes(text="ГИМНАЗИЯ") == codes(text="гимназ sign") == ["V-COL-04"]
    assert codes(region=(the.ABAI,)) == codes(text="1000000%") == []
    assert codes(opened_from=date(2026, 9, 24)) == ["V-COL-04"]
    assert codes(opened_to=date(2026, 9, 14)) == codes(overdue=True) == ["V-COL-02", "V-COL-03"]
    assert codes(state=(CaseState.CLOSED,)) == []


def test_words_are_found_by_their_beginnings_in_any_letters_and_nothing_else_is(programme: Programme) -> None:
    programme.opened("V-COL-02")  # a number that is drawn has five digits
    the.a_school(programme.settings, id_="school-2", name="№777777 Өркен Ёлкин мектебі")
    programme.opened("V-COL-04", school="school-2")

    def codes(text: str) -> list[str]:
        return sorted(row.code for row in programme.listed(text=text).rows)

    for asked in ("өркен", "ӨРК", "елки", "ЁЛКИН", "№777777", "мектебі 777777 Елк", "V-COL-04", "v-col 04", "елкин*"):
        assert codes(asked) == ["V-COL-04"], asked
    for asked in ("лкин", "777777 гимназия", "NOT елкин", "елк OR гимназия", "'; drop", "елкин:школа"):
        assert codes(asked) == [], asked
    for asked in ('"', "*:*", "№", " - "):  # signs are no words: nothing is asked for
        assert codes(asked) == ["V-COL-02", "V-COL-04"], asked


def test_an_entry_that_is_not_released_to_the_agency_is_not_found_by_its_words(programme: Programme) -> None:
    programme.opened("V-COL-04")
    with database.transaction(programme.settings.database_url) as session:
        session.execute(update(Case).values(released_at=NOW + timedelta(days=1)))

    assert programme.listed(text="bostandyk").total == 0
    assert programme.listed(text="bostandyk", now=NOW + timedelta(days=2)).total == 1


def test_an_entry_is_found_by_the_name_that_its_school_has_now(programme: Programme) -> None:
    programme.opened("V-COL-04")
    ada = the.a_person(programme.settings, "administrator", None, "A-0001")
    with look(programme.settings, ada) as work:
        old = schools.school(work, "school-1")
    form = {key: value for key, value in dataclasses.asdict(old).items() if key != "visits"}
    new = schools.SchoolForm(**{**form, "point": old.point, "name": {"ru": "Лицей имени Абая", "kk": "Абай лицейі"}})
    with begin(programme.settings, ada, now=NOW) as work:
        schools.put_schools(work, [new])

    assert programme.listed(text="абай").total == programme.listed(text="bostan лицей").total == 1
    assert programme.listed(text="school").total == 0
    if "sqlite" in programme.settings.database_url:
        with database.transaction(programme.settings.database_url) as session:
            session.execute(text("insert into case_search (case_search, rank) values ('integrity-check', 1)"))


def test_counts_by_state_do_not_change_with_the_state_that_is_looked_at(programme: Programme) -> None:
    programme.referred("V-COL-03")
    programme.opened("V-COL-04")

    page = programme.listed(state=(CaseState.REFERRED,))

    assert page.total == 1
    assert dict(page.counts) == {CaseState.REFERRED: 1, CaseState.DETECTED: 1}


def test_a_page_beyond_the_last_is_the_last(programme: Programme) -> None:
    programme.opened("V-COL-02", "V-COL-03", "V-COL-04")

    page = programme.listed(page=99, page_size=2)

    assert (page.page, page.pages, page.total, len(page.rows)) == (2, 2, 3, 1)


def test_an_empty_register_is_one_empty_page(programme: Programme) -> None:
    page = programme.listed()

    assert (page.rows, page.total, page.page, page.pages) == ((), 0, 1, 1)


# The way of an entry


def test_an_entry_is_followed_until_it_is_put_right(programme: Programme) -> None:
    id_ = programme.referred()
    assert programme.seen(id_).due_at == datetime(2026, 10, 5, 18, 59, 59, tzinfo=UTC)  # 15 working days

    programme.does(casework.extend, id_, "they asked", date(2026, 11, 13), seen=REFERRED)
    programme.does(casework.answer, id_, "77", NOW.date(), "We stopped it", Reply.PARTLY, seen=REFERRED)
    programme.does(casework.measure, id_, "12 000 tenge", Measure.MONEY_RETURNED, seen=ANSWERED)
    programme.does(casework.close, id_, Outcome.REMEDIED, "money is back", seen=ANSWERED)

    view = programme.seen(id_)
    assert (view.state, view.outcome, view.due_at) == (CaseState.CLOSED, "remedied", None)
    assert [event.move.value for event in view.history] == ["confirm", "refer", "extend", "answer", "measure", "close"]
    programme.does(casework.reopen, id_, "it came back", seen=CaseState.CLOSED)
    assert programme.seen(id_).state is CONFIRMED


def test_whoever_was_asked_and_is_silent_is_late(programme: Programme) -> None:
    id_ = programme.referred()

    assert not programme.seen(id_, now=datetime(2026, 10, 5, 18, 0, tzinfo=UTC)).overdue
    assert programme.seen(id_, now=datetime(2026, 10, 5, 19, 0, tzinfo=UTC)).overdue


# Exporting


@pytest.mark.parametrize(
    "payload",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",
        "＋1",
        "－1",
        "＠1",
        "  =1",
        "\u00a0=1",
        "\u3000＝1",
        "\x00=1",
    ],
)
def test_no_cell_begins_like_a_formula(payload: str) -> None:
    assert str(register_export.safe(payload)).startswith("'")


def test_numbers_and_plain_words_are_left_alone() -> None:
    assert register_export.safe(-5) == -5
    assert register_export.safe("School = good") == "School = good"


def test_an_export_is_in_the_readers_language_and_stands_in_the_chain(programme: Programme) -> None:
    the.a_school(programme.settings, id_="school-2", name="=HYPERLINK(1)")
    programme.opened(school="school-2")
    words.use("ru")

    with begin(programme.settings, programme.bo, now=NOW) as work:
        raw = the.csv_of(work, CaseFilter(text="hyperlink"))
        recorded = chain.bodies(work.session, "register")

    lines = raw.decode("utf-8-sig").splitlines()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert lines[0].startswith("Номер")
    assert len(lines) == 2 and "'=HYPERLINK(1)" in lines[1]
    assert recorded[0][3]["rows"] == 1 and recorded[0][3]["filter"] == {"text": ["hyperlink"]}


def test_an_export_holds_up_nobody_who_writes(programme: Programme) -> None:
    programme.opened()

    passed: list[int] = []

    def pass_by() -> None:
        with begin(programme.settings, programme.bo, now=NOW) as work:
            passed.append(work.record("case.export", "elsewhere"))

    class Meanwhile(io.BytesIO):
        """A file at each of whose writes somebody else writes too."""

        def write(self, data: Any) -> int:
            with ThreadPoolExecutor(1) as thread:
                thread.submit(pass_by).result()
            return super().write(data)

    with look(programme.settings, programme.bo, now=NOW) as work:
        rows = register_export.write(work, CaseFilter(), Meanwhile())

    assert rows == 1
    assert passed


def test_who_took_an_export_is_recorded_before_it_is_read(programme: Programme) -> None:
    programme.opened()

    with register_export.export(programme.settings, programme.bo, CaseFilter()) as file:
        with look(programme.settings, programme.bo) as work:
            recorded = chain.bodies(work.session, "register")
        lines = file.read().decode("utf-8-sig").splitlines()

    assert len(lines) == 2
    assert (recorded[-1][1], recorded[-1][3]["rows"]) == (programme.bo.code, 1)


def test_a_filter_travels_in_an_address_and_back() -> None:
    wanted = CaseFilter(
        region=(the.ALMATY,),
        severity=(Severity.HIGH,),
        state=(REFERRED,),
        opened_from=date(2026, 1, 2),
        text="a b",
        overdue=True,
        school="s",
    )

    assert CaseFilter.from_query(wanted.to_query()) == wanted
    with pytest.raises(Invalid, match=r"case\.filter_wrong"):
        CaseFilter.from_query({"severity": ["terrible"]})


def test_several_choices_of_one_field_arrive_together() -> None:
    read = register_export.filter_of([("severity", "high"), ("severity", "low"), ("text", "x")])

    assert read == CaseFilter(severity=(Severity.HIGH, Severity.LOW), text="x")
