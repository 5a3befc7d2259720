"""Who is at this screen, and the way from a screen to a use-case.

A screen says `with looking() as work:` to read and `with doing() as work:` to act. The actor is read from the database
at every run and every callback, so a revoked person's next click is refused; it is never kept in the page.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache

import streamlit as st

from fieldcheck import words
from fieldcheck.domain.access import Actor
from fieldcheck.domain.errors import FieldcheckError, Forbidden
from fieldcheck.settings import Settings, read_settings
from fieldcheck.usecases import people
from fieldcheck.usecases.work import Work, begin, look


def _account_from_gate() -> str | None:
    account = st.user.get("account")
    return str(account) if account else None


#: How the signed-in account is learnt; the gate put it into st.user. Tests of screens put their own here.
find_account: Callable[[], str | None] = _account_from_gate


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Read the settings once a process."""
    return read_settings()


def actor() -> Actor:
    """Give who is here; raises Forbidden `session.none` when nobody is, or no longer."""
    account = find_account()
    found = people.actor_by_account(settings(), account) if account else None
    if found is None:
        raise Forbidden("session.none")
    words.use(found.language)
    return found


@contextmanager
def looking() -> Iterator[Work]:
    """Open reading work for whoever is here."""
    with look(settings(), actor()) as work:
        yield work


@contextmanager
def doing() -> Iterator[Work]:
    """Open writing work for whoever is here; it commits when the block ends well."""
    with begin(settings(), actor()) as work:
        yield work


@contextmanager
def telling() -> Iterator[None]:
    """Turn an error of the house into its sentence on the page, and keep the page alive."""
    try:
        yield
    except FieldcheckError as error:
        st.error(words.sentence(error.code, error.details))
