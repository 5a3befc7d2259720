"""A small sound checklist that tests change in one place, and the reference it needs."""

from typing import Any

import yaml

from fieldcheck.domain.checklist import Checklist, parse
from fieldcheck.domain.reference import Reference, from_lists
from fieldcheck.storage.checklist_files import StrictLoader

SOUND = """
schema: fieldcheck.checklist/1
id: lobby
prefix: LOB
version: 1
status: reviewed
title: {ru: Вестибюль, kk: Вестибюль, en: Lobby}
mode: on_site_observation
applies_to: [kgu_state_institution, private]
est_minutes: 5
max_visit_minutes: 10
min_gap_days_same_school: 30
scenario: {ru: Вы посетитель, kk: Сіз келушісіз, en: You are a visitor}
sections:
- id: stand
  title: {ru: Стенд, kk: Стенд, en: Stand}
  questions:
  - id: LOB-01
    type: yes_no_na
    text: {ru: Есть ли стенд, kk: Стенд бар ма, en: Is there a stand}
    photo: {min: 1, max: 2, subject: {ru: стенд, kk: стенд, en: stand}, when: [yes]}
  - id: LOB-02
    type: multi
    text: {ru: Что на нём, kk: Онда не бар, en: What is on it}
    visible_if: [{q: LOB-01, is: yes}]
    options:
    - {id: phone, ru: Телефон, kk: Телефон, en: Phone}
    - {id: rules, ru: Правила, kk: Қағидалар, en: Rules}
    - {id: none, ru: Ничего, kk: Ештеңе, en: Nothing, exclusive: true}
  - id: LOB-03
    type: money
    required: false
    text: {ru: Какая сумма, kk: Қандай сома, en: What amount}
    min: 0
    max: 5000
    unit: KZT
- id: closing
  title: {ru: Завершение, kk: Аяқтау, en: Closing}
  questions:
  - id: LOB-04
    type: quote
    required: false
    text: {ru: Дословно, kk: Сөзбе-сөз, en: Word for word}
    max_length: 100
  - id: LOB-05
    type: statement
    text: {ru: Подтверждаю, kk: Растаймын, en: I confirm}
rules:
- code: V-LOB-01
  severity: medium
  nature: indicator
  title: {ru: Нет стенда, kk: Стенд жоқ, en: No stand}
  when: {q: LOB-01, is: no}
  legal_basis: [LAW-1]
  responsible_body: SCHOOL
  deadline: {value: 10, unit: working_days, basis: product_default}
  min_evidence: [{any: [{photo: LOB-01}, {quote: LOB-04}]}]
- code: V-LOB-02
  severity: high
  nature: legal_breach
  title: {ru: Просят деньги, kk: Ақша сұрайды, en: Money is asked for}
  when: [{q: LOB-03, gt: 0}, {school: ownership, is: kgu_state_institution}]
  legal_basis: [LAW-1, LAW-2]
  responsible_body: SCHOOL
  deadline: {value: 15, unit: working_days, basis: LAW-1}
  min_evidence: [{quote: LOB-04}]
examples:
- name: clean
  complete: true
  answers: {LOB-01: yes, LOB-02: [phone, rules], LOB-05: true}
  photos: {LOB-01: 1}
  expect: []
- name: worst
  school: {ownership: kgu_state_institution, region: '710000000', order_on_file: false}
  answers: {LOB-01: no, LOB-03: 600, LOB-04: По шестьсот тенге, LOB-05: true}
  expect: [V-LOB-01, V-LOB-02]
"""


def _norm(name: str, confidence: str) -> dict[str, Any]:
    words = {"ru": name, "kk": name, "en": name}
    read = {"edition_seen": "16.06.2025", "source": "a copy", "as_of": "2026-03"}
    return {"id": name, "act": "LAW", "cite": words, "gist": words, "confidence": confidence, **read}


REFERENCE: Reference = from_lists(
    [_norm("LAW-1", "A"), _norm("LAW-2", "B"), _norm("LAW-3", "C"), _norm("ORDER-9", "S")],
    [{"id": "SCHOOL", "name": {"ru": "Школа", "kk": "Мектеп", "en": "School"}, "confidence": "A", "as_of": "2026-03"}],
    [],
    [],
)


def data(text: str = SOUND) -> dict[str, Any]:
    """Read YAML as checklist files are read."""
    read: dict[str, Any] = yaml.load(text, Loader=StrictLoader)
    return read


def changed(*changes: tuple[str, str]) -> dict[str, Any]:
    """Read the sound checklist with each old text replaced by the new one; an old text that is not there is a slip."""
    text = SOUND
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return data(text)


def lobby(*changes: tuple[str, str]) -> Checklist:
    """Parse the sound checklist, changed."""
    return parse(changed(*changes), REFERENCE)
