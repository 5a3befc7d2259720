"""The demo's agency: what becomes of each register entry, by its age.

An old entry has been worked through, a fresh one waits: so every state stands in the register, with terms that were
kept and terms that were not.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fieldcheck.demo.visits import Stage
from fieldcheck.domain.access import Actor
from fieldcheck.domain.case import CaseState, Outcome, add_working_days
from fieldcheck.domain.register import CaseFilter
from fieldcheck.domain.response import Measure, Reply
from fieldcheck.usecases import cases, casework, register
from fieldcheck.usecases.work import Work, begin, look

#: What happens to entries, in turn: those older than 60 days, than 26, than 8, and the fresh ones.
EARLY = ("remedied", "remedied", "sanctioned", "not_confirmed", "overdue", "remedied")
OLD = (
    "overdue",
    "remedied",
    "answered",
    "dismissed",
    "again",
    "sanctioned",
    "overdue",
    "insufficient",
    "not_confirmed",
)
MIDDLE = ("referred", "answered", "dismissed", "extended", "confirmed", "remedied_soon", "referred")
FRESH = ("waiting", "confirmed", "waiting", "referred", "dismissed", "waiting")

_CONFIRM = "Проверено по фотографиям и словам, признак подтверждается."
_DISMISS = "Сведений недостаточно: объявление относилось к кружку по договору."
_ANSWER = "Проверка проведена, сведения приняты к работе."


@dataclass
class Agency:
    """Two reviewers: one of the region, one of the country for what is critical."""

    stage: Stage
    reviewer: Actor
    country: Actor
    begun: set[str] = field(default_factory=set)
    turns: dict[str, int] = field(default_factory=dict)

    def look_through(self, moment: datetime) -> None:
        """Take up what was opened just now: choose what becomes of it and put that on the timeline."""
        wanted = CaseFilter(state=(CaseState.DETECTED,), page_size=200)
        with look(self.stage.settings, self.reviewer, now=moment) as work:
            new = [line for line in register.entries(work, wanted).rows if line.id not in self.begun]
        name, fates = _fates((self.stage.timeline.until - moment).days)
        for line in sorted(new, key=lambda line: line.number):
            self.begun.add(line.id)
            turn = self.turns.get(name, 0)
            self.turns[name] = turn + 1
            who = self.country if line.severity == "critical" else self.reviewer
            Fate(self.stage, who, line.id, line.number, moment).plan(fates[turn % len(fates)])


def _fates(age: int) -> tuple[str, tuple[str, ...]]:
    if age > 60:
        return "early", EARLY
    return ("old", OLD) if age > 26 else ("middle", MIDDLE) if age > 8 else ("fresh", FRESH)


@dataclass
class Fate:
    """What becomes of one entry."""

    stage: Stage
    who: Actor
    case: str
    number: str
    opened: datetime
    days: int = 1

    def plan(self, fate: str) -> None:
        """Put the steps on the timeline, each some working days after the one before it."""
        if fate == "waiting":
            return
        if fate == "dismissed":
            self._after(2, self._dismiss)
            return
        self._after(2, self._confirm)
        if fate == "confirmed":
            return
        self._after(1, self._refer)
        if fate == "extended":
            self._after(8, self._extend)
        elif fate not in ("referred", "overdue"):
            self._finish(fate)

    def _finish(self, fate: str) -> None:
        reply = {"not_confirmed": Reply.NOT_CONFIRMED, "insufficient": Reply.NO_DATA, "again": Reply.PARTLY}
        self._after(2 if fate == "remedied_soon" else 8, lambda work, at: self._answer(work, at, reply.get(fate)))
        if fate == "again":
            self._after(2, self._refer_again)
        elif fate == "answered":
            self._after(1, lambda work, _: self._measure(work, Measure.STAFF_INSTRUCTED))
        elif fate == "sanctioned":
            self._after(1, lambda work, _: self._measure(work, Measure.DISCIPLINARY))
            self._after(1, lambda work, _: self._close(work, Outcome.SANCTIONED, "№ 14-Д (демо)"))
        elif fate in ("remedied", "remedied_soon"):
            self._after(1, lambda work, _: self._measure(work, Measure.INFORMATION_POSTED))
            self._after(1, lambda work, _: self._close(work, Outcome.REMEDIED))
        else:
            outcome = Outcome.NOT_CONFIRMED if fate == "not_confirmed" else Outcome.INSUFFICIENT
            self._after(1, lambda work, _: self._close(work, outcome))

    def _after(self, days: int, do: Callable[[Work, datetime], None]) -> None:
        self.days += days
        day = add_working_days(self.opened.date(), self.days)
        at = self.opened.replace(year=day.year, month=day.month, day=day.day, hour=10 + self.stage.chance.randrange(7))

        def step(moment: datetime) -> None:
            with begin(self.stage.settings, self.who, now=moment, chance=self.stage.chance) as work:
                do(work, moment)

        self.stage.timeline.at(at, step)

    def _confirm(self, work: Work, _at: datetime) -> None:
        casework.confirm(work, self.case, _CONFIRM, seen=CaseState.DETECTED)

    def _dismiss(self, work: Work, _at: datetime) -> None:
        casework.dismiss(work, self.case, _DISMISS, seen=CaseState.DETECTED)

    def _refer(self, work: Work, at: datetime) -> None:
        body = cases.read(work, self.case).suggested_body_id
        casework.refer(work, self.case, body, self._letter("исх"), at.date(), seen=CaseState.CONFIRMED)

    def _refer_again(self, work: Work, at: datetime) -> None:
        casework.refer(work, self.case, "EDU_REGION", self._letter("исх-2"), at.date(), seen=CaseState.ANSWERED)

    def _extend(self, work: Work, _at: datetime) -> None:
        due = cases.read(work, self.case).due_at
        if due is not None:
            later = (due + timedelta(days=14)).date()
            casework.extend(work, self.case, "Орган просит время на проверку.", later, seen=CaseState.REFERRED)

    def _answer(self, work: Work, at: datetime, reply: Reply | None) -> None:
        said = reply or Reply.CONFIRMED
        casework.answer(work, self.case, self._letter("вх"), at.date(), _ANSWER, said, seen=CaseState.REFERRED)

    def _measure(self, work: Work, kind: Measure) -> None:
        casework.measure(work, self.case, "Проведено, подтверждение приложено к ответу.", kind, seen=CaseState.ANSWERED)

    def _close(self, work: Work, outcome: Outcome, document: str = "") -> None:
        casework.close(work, self.case, outcome, "Вопрос рассмотрен полностью.", document, seen=CaseState.ANSWERED)

    def _letter(self, kind: str) -> str:
        return f"{kind}-{self.number.rsplit('-', 1)[-1]} (демо)"
