"""Every door is locked: each public use-case names its action, and who does not hold it gets no further."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest

from fieldcheck import usecases
from fieldcheck.domain.access import Action, Actor, Role, Scope, scope_of
from fieldcheck.domain.errors import Forbidden
from fieldcheck.settings import Settings
from fieldcheck.usecases.work import Work, look

#: Public functions that take Work without a lock of their own, and the locked ones that call them.
INNER = {
    "dispatch.fits": "called inside locked use-cases with a school that a scoped look-up found",
    "dispatch.the_school": "a scoped look-up; it asks reach() itself",
    "founding.lay_ground": "every call in it is a locked use-case",
    "checklists.load": "called inside locked use-cases only; a checklist's words are no secret",
    "people.free_code": "chooses a code for locked use-cases; reads no more than whether somebody has it",
    "people.is_own_making": "called by people.invite and ways_in.bind with a person that a scoped look-up found",
    "record.read_through": "called by outline.verify, behind its lock, which tells no more than whether it holds",
    "register.open_cases": "called by review.accept, inside its transaction and behind its lock",
    "register.every": "asks reach() for the export itself; called by the locked register_export.write",
    "register.rename_school": "called by schools.put_schools, inside its transaction and behind its lock",
    "revisits.ask": "called by casework.answer, inside its transaction and behind its lock",
    "revisits.drop": "called by casework.refer and close, behind their lock",
    "revisits.of_case": "called by cases.read with an entry that a scoped look-up found",
    "revisits.settle": "called by review.accept, inside its transaction and behind its lock",
    "revisits.take_up": "called by dispatch.assign, inside its transaction and behind its lock",
    "school_list.fitting": "called by locked use-cases with the reach of their action",
    "second_look.doubts_about": "called by review.check, with the rows that its lock let it read",
    "sync.begin_visit": "called by take_answers, read_briefing and evidence.keep",
    "sync.held": "a scoped look-up; it asks reach() itself",
    "sync.must_take": "called with a visit that a scoped look-up found, by answers and photos behind their locks",
    "sync.my_visit": "a scoped look-up; it asks reach() itself",
    "seasons.end_if_over": "called with a decided visit's volunteer by review and dispatch, behind their locks",
    "texts.opener": "called with the state of a visit that a scoped look-up found; opens nothing itself",
    "sync.school_facts": "called with a row that a scoped look-up found",
}


def doors() -> list[tuple[str, Callable[..., Any]]]:
    """All public functions of the use-cases whose first argument is Work."""
    found = []
    for info in pkgutil.iter_modules(usecases.__path__):
        module = importlib.import_module(f"fieldcheck.usecases.{info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("_") or function.__module__ != module.__name__:
                continue
            parameters = list(inspect.signature(function).parameters.values())
            if parameters and parameters[0].name == "work":
                found.append((f"{info.name}.{name}", function))
    return found


def test_every_use_case_is_locked_or_stands_in_the_list_of_inner_ones() -> None:
    unlocked = {name for name, function in doors() if not hasattr(function, "action")}

    assert unlocked == set(INNER)


@pytest.mark.parametrize("role", list(Role))
def test_whoever_does_not_hold_the_action_is_refused_before_the_first_line(database: Settings, role: Role) -> None:
    actor = Actor("nobody", "X-0", role, "590000000")
    refused = tried = 0

    with look(database, actor) as work:
        for _name, function in doors():
            action = getattr(function, "action", None)
            if action is None or scope_of(role, action) is not Scope.NONE:
                continue
            tried += 1
            wanted = list(inspect.signature(function).parameters.values())[1:]
            with pytest.raises(Forbidden):
                # Nonsense arguments: a lock must not even look at them.
                function(work, *[None for p in wanted if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD])
            refused += 1

    assert refused == tried > 0


def test_a_lock_that_is_taken_off_is_noticed() -> None:
    """The control of the first test: a public function with Work and no lock is seen as unlocked."""

    def careless(work: Work) -> None: ...

    assert not hasattr(careless, "action")


def test_every_action_of_the_table_opens_something() -> None:
    used = {function.action for _, function in doors() if hasattr(function, "action")}  # type: ignore[attr-defined]

    assert set(Action) == used
