"""A lock is asked before anything else: whoever may not is refused before the database, the clock or the disk is."""

import inspect
from typing import Any

import pytest

from fieldcheck.domain.access import Actor, Role, Scope, scope_of
from fieldcheck.domain.errors import Forbidden
from tests.usecases.test_locks import doors


class OnlyAnActor:
    """Work of which nothing may be touched but who acts."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"came past the lock, to `{name}`")


@pytest.mark.parametrize("role", [*Role, "nobody's"])
def test_whoever_may_not_is_refused_by_the_lock_itself_and_not_by_what_is_behind_it(role: Any) -> None:
    """A role that is not in the table holds nothing: there every lock is shut, also those that all others open."""
    work, tried = OnlyAnActor(Actor("nobody", "X-0", role, "590000000")), 0

    for name, function in doors():
        action = getattr(function, "action", None)
        if action is None or scope_of(role, action) is not Scope.NONE:
            continue
        wanted = list(inspect.signature(function).parameters.values())[1:]
        given = {p.name: None for p in wanted if p.default is p.empty and p.kind is not p.VAR_KEYWORD}
        with pytest.raises(Forbidden) as refused:
            function(work, **given)
        assert refused.value.code == "access.forbidden", name
        assert refused.value.details == {"action": action.value}, name
        assert [frame.name for frame in refused.traceback[1:]] == ["locked"], name  # its own lock, not one further in
        tried += 1

    assert tried > 10
