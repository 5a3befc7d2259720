"""The policy table, held as a golden file, and what follows from it."""

from pathlib import Path

import pytest

from fieldcheck.domain.access import (
    GRANTS,
    MAY_BRING_IN,
    Action,
    Actor,
    Role,
    Scope,
    allowed,
    matrix,
    reach,
    scope_of,
)

GOLDEN = Path(__file__).parent.parent / "golden" / "access.txt"


def an_actor(role: Role, region: str | None = "590000000") -> Actor:
    return Actor("id", "X-1", role, region)


def test_what_is_not_in_the_table_is_refused() -> None:
    assert scope_of(Role.VOLUNTEER, Action.CASE_LIST) is Scope.NONE
    assert not allowed(an_actor(Role.REVIEWER), Action.VISIT_CHECK)


def test_a_missing_region_never_widens_a_scope() -> None:
    assert reach(an_actor(Role.COORDINATOR, None), Action.VISIT_LIST).scope is Scope.NONE


def test_the_agency_reaches_no_visit_and_no_volunteer() -> None:
    forbidden = {a for a in Action if a.value.split(".")[0] in ("visit", "person", "conflict")}

    assert not forbidden & set(GRANTS[Role.REVIEWER])


def test_the_administrator_reaches_no_case_and_no_visit() -> None:
    forbidden = {a for a in Action if a.value.split(".")[0] in ("visit", "case", "photo", "conflict")}

    assert not forbidden & set(GRANTS[Role.ADMINISTRATOR])


@pytest.mark.parametrize("role", list(Role))
def test_nobody_brings_in_somebody_who_could_do_what_he_may_not_grant(role: Role) -> None:
    if Action.PERSON_ADD not in GRANTS[role]:
        assert not MAY_BRING_IN[role]
    assert Role.ADMINISTRATOR not in MAY_BRING_IN[role] or role is Role.ADMINISTRATOR


def test_the_table_is_the_one_that_was_agreed() -> None:
    assert GOLDEN.read_text() == matrix()
