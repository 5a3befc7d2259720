"""What the demo's volunteers saw: answers made of the checklists' own examples, blended and given a place and an hour.

Every checklist brings examples of a school where all is well and of schools where it is not. A demo visit is the first,
with some answers of the others. It decides nothing about findings: the rules do, at submission, as for any visit.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fieldcheck.domain.checklist import Checklist, Example, Nature, Question, QuestionType
from fieldcheck.domain.walk import missing, visible

School = Mapping[str, Any]

#: What people say, by checklist: where all is well, where it is not; in Russian and in Kazakh.
_SAID = {
    "COL": {
        "ru": (("Никаких взносов нет, сборы у нас запрещены.", "Платных только два кружка, по договору."),
               ("Сдаём на фонд класса, по две тысячи в месяц, как все.", "На карту переводите, там соберут.")),
        "kk": (("Ешқандай жинау жоқ, тыйым салынған.", "Ақылысы тек екі үйірме, шарт бойынша."),
               ("Сынып қорына айына екі мыңнан жинаймыз, бәрі тапсырады.", "Картаға аударыңыз, сол жақта жинайды.")),
    },
    "ADM": {
        "ru": (("Подавайте через eGov, по вашему адресу место есть.", "Список документов на стенде."),
               ("Мест нет, приходите к директору, он решает.", "Принесите всё в бумаге, и будет собеседование.")),
        "kk": (("eGov арқылы беріңіз, мекенжайыңыз бойынша орын бар.", "Құжаттар тізімі стендте."),
               ("Орын жоқ, директорға келіңіз, ол шешеді.", "Бәрін қағазбен әкеліңіз, әңгімелесу болады.")),
    },
    "HIR": {
        "ru": (("Конкурс объявлен, документы принимаем электронно.", "Баллы и сроки висят на сайте."),
               ("Оставьте резюме директору, место уже обещали.", "Конкурс потом оформим.")),
        "kk": (("Конкурс жарияланды, құжаттар электронды қабылданады.", "Балдар мен мерзімдер сайтта."),
               ("Түйіндемені директорға қалдырыңыз, орын уәде етілген.", "Конкурсты кейін рәсімдейміз.")),
    },
    "CAN": {
        "ru": (("Меню висит у столовой, учебники выдаёт библиотека.", "Форму берите где удобно, цвет на сайте."),
               ("Рабочие тетради сдаём деньгами, форма в одном ателье.", "Меню сегодня не вывесили.")),
        "kk": (("Мәзір асхана жанында, оқулықты кітапхана береді.", "Форманы қалаған жерден алыңыз, түсі сайтта."),
               ("Жұмыс дәптеріне ақша жинаймыз, форма бір ательеден.", "Бүгін мәзір ілінбеді.")),
    },
}  # fmt: skip
_SUMS = (600, 1200, 1500, 2000, 2700, 5000, 7000, 17000)
_NOTES = {
    "ru": ("Стенд в коридоре слева, света мало.", "Спросили, по какому вопросу.", "Ждать пришлось у входа."),
    "kk": ("Стенд дәліздің сол жағында, жарық аз.", "Қандай шаруамен келгенімді сұрады.", "Кіреберісте күттім."),
}
#: How much of a troubled example a visit takes over: most schools are clean.
TEMPERS = {"clean": 0.0, "slight": 0.18, "mixed": 0.45, "heavy": 1.0}


@dataclass(frozen=True)
class Seen:
    """One answer with the moment at which it was given and, for words, heard."""

    question: Question
    value: Any
    given_at: datetime
    seen_at: datetime


@dataclass(frozen=True)
class Visitor:
    """Who walks and where: her language, the school's facts, and where her phone thinks that she is."""

    language: str
    school: School
    point: Mapping[str, float]


def walk(
    sheet: Checklist, temper: str, visitor: Visitor, start: datetime, minutes: float, chance: random.Random
) -> list[Seen]:
    """Walk *sheet* from *start* for *minutes*; gives the answers in the order given."""
    values = _values(sheet, temper, visitor, start, chance)
    step = timedelta(minutes=minutes) / max(len(values), 1)
    seen = []
    for place, (question, value) in enumerate(values):
        given = start + step * (place + chance.uniform(0.2, 0.9))
        before = timedelta(minutes=chance.uniform(1, 9)) if question.type is QuestionType.QUOTE else step / 4
        seen.append(Seen(question, value, given, given - before))
    return seen


def photos_wanted(sheet: Checklist, answers: Mapping[str, Any], school: School) -> list[Question]:
    """List the questions that want a photo, once for each photo."""
    counts: dict[str, int] = {}
    wanted: list[Question] = []
    while lacks := [lack for lack in missing(sheet, answers, counts, school) if lack.what == "photo"]:
        for lack in lacks:
            counts[lack.question_id] = counts.get(lack.question_id, 0) + 1
            wanted.append(sheet.by_id[lack.question_id])
    return wanted


def _values(
    sheet: Checklist, temper: str, visitor: Visitor, start: datetime, chance: random.Random
) -> list[tuple[Question, Any]]:
    clean, troubled = _examples(sheet, temper, chance)
    differing = [q.id for q in sheet.questions if clean.answers.get(q.id) != troubled.answers.get(q.id)]
    share = TEMPERS[temper]
    taken_over = {id_ for id_ in differing if chance.random() < share}
    if share and differing and not taken_over:
        taken_over = {chance.choice(differing)}
    given: dict[str, Any] = {}
    found: list[tuple[Question, Any]] = []
    while fresh := [q for q in visible(sheet, given, visitor.school) if q.takes_a_value and q.id not in given]:
        question = fresh[0]
        first, second = (troubled, clean) if question.id in taken_over else (clean, troubled)
        example = first.answers.get(question.id, second.answers.get(question.id))
        given[question.id] = value = _value(sheet, question, example, temper, visitor, start, chance)
        if value is not None:
            found.append((question, value))
    return found


def _examples(sheet: Checklist, temper: str, chance: random.Random) -> tuple[Example, Example]:
    """Choose an example where all is well and one where it is not."""
    complete = [example for example in sheet.examples if example.complete]
    positive = {rule.code for rule in sheet.rules if rule.nature is Nature.POSITIVE}
    well = [example for example in complete if set(example.expect) <= positive]
    other = [example for example in complete if not set(example.expect) <= positive]
    best = max(well, key=lambda example: (len(example.expect), len(example.answers)))
    worst = max(other, key=lambda example: len(example.expect))
    return best, worst if temper == "heavy" else chance.choice(other)


def _value(
    sheet: Checklist,
    question: Question,
    example: Any,
    temper: str,
    visitor: Visitor,
    start: datetime,
    chance: random.Random,
) -> Any:
    """Give an answer of the right kind: the example's, or what belongs to this visitor, place and hour."""
    words = "kk" if visitor.language == "kk" else "ru"
    if question.type is QuestionType.GEOPOINT:
        return dict(visitor.point)
    if question.type in (QuestionType.DATETIME, QuestionType.DATE):
        if not question.required and not question.autofill:
            return None
        at = start.replace(second=0, microsecond=0)
        return at.date().isoformat() if question.type is QuestionType.DATE else at.isoformat()
    if question.type is QuestionType.QUOTE:
        well, other = _SAID.get(sheet.prefix, _SAID["COL"])[words]
        return chance.choice(other if TEMPERS[temper] else well)
    if question.type is QuestionType.MONEY:
        return chance.choice(_SUMS)
    if question.type is QuestionType.TEXT:
        return _text(question, example, words, chance)
    return example if example is not None else _plain(question)


def _text(question: Question, example: Any, words: str, chance: random.Random) -> str | None:
    if isinstance(example, str) and example.startswith("https://"):
        return "https://school.demo.example"
    if example is None and question.required_if is None and chance.random() < 0.7:
        return None
    return chance.choice(_NOTES[words])


def _plain(question: Question) -> Any:
    """Give the plainest answer to a question that no example answers."""
    if question.type is QuestionType.NUMBER:
        return int(question.min or 0)
    if question.type is QuestionType.STATEMENT:
        return True
    last = question.option_ids[-1]
    return [last] if question.type is QuestionType.MULTI else last
