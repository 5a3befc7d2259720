"""Whatever an author writes, the check answers with faults: one value anywhere is swapped for any other."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fieldcheck.domain.checklist import parse
from fieldcheck.domain.lint import Faults, faults_of
from tests.domain.checklists import REFERENCE, data

CALMLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=150)
PLAIN: list[Any] = [None, True, 0, -1, 2.5, 10**30, "", "x", "LOB-01", "yes", "none"]
LISTS: list[Any] = [[], ["x"], [[]], [None]]
MAPPINGS: list[Any] = [{}, {1: 2}, {"ru": "x"}, {"id": "x"}, {"photo": []}, {"photo": "LOB-01", "min": "x"}]
TREES: list[Any] = [{"q": "LOB-01"}, {"q": []}, {"all": 5}, {"any": [5]}, {"any": [None, None]}, {"not": None}]
LEAVES: list[Any] = [
    {"q": "LOB-01", "in": 5},
    {"q": "LOB-03", "gt": "x"},
    {"school": []},
    {"school": "region", "in": 5},
]
JUNK = st.sampled_from([*PLAIN, *LISTS, *MAPPINGS, *TREES, *LEAVES])
SOUND = data()


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from places(inner, (*path, key))


PLACES = list(places(SOUND))


def swapped(path: tuple[Any, ...], junk: Any) -> Any:
    broken = deepcopy(SOUND)
    inner = broken
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = junk
    return broken


@CALMLY
@given(st.sampled_from(PLACES), JUNK)
def test_any_slip_gives_faults_or_a_checklist_and_never_a_crash(path: tuple[Any, ...], junk: Any) -> None:
    broken = swapped(path, deepcopy(junk))

    found = faults_of(broken, REFERENCE)

    if all(fault.warning for fault in found):
        assert parse(broken, REFERENCE).digest
    else:
        assert all(fault.code and fault.path for fault in found)
        assert str(Faults(found))


@CALMLY
@given(st.sampled_from(PLACES))
def test_anything_left_out_gives_faults_or_a_checklist_and_never_a_crash(path: tuple[Any, ...]) -> None:
    broken = deepcopy(SOUND)
    inner = broken
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]

    found = faults_of(broken, REFERENCE)

    assert parse(broken, REFERENCE) if all(fault.warning for fault in found) else found
