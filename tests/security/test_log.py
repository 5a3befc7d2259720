"""What the server writes down while people use it names none of them."""

import logging
import re
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from fieldcheck.domain.errors import NotFound
from fieldcheck.storage import database as store
from fieldcheck.web.written_down import hush
from tests.security.conftest import Served
from tests.security.test_matrix import knock, said
from tests.security.town import NAME, PHONE
from tests.usecases.test_locks import doors


def test_the_servers_output_holds_nothing_of_its_visitors(served: Served) -> None:
    town = served.town
    cookies = {name: town.cookie(name) for name in ("dina", "alice", "bo", "dana")}
    broken = "canary-in-the-query"
    for cookie in cookies.values():
        with served.client(cookie) as browser:
            for path in ("/", "/register", "/api/me", "/api/register.csv", f"/api/visits?token={broken}"):
                browser.get(path)
            browser.get("/api/register.csv?from=x", headers={"X-Forwarded-For": "203.0.113.77"})
            browser.post("/api/me/language", content=b"[" * 100_000, headers={"Content-Type": "application/json"})
            knock(browser, town, "PUT", "/api/visits/{visit_id}/photos/{photo_id}")
            browser.get("/api/me", headers={"Host": "["})
    with served.client() as stranger:
        stranger.post("/join", json={"token": "canary-token"})

    time.sleep(0.5)  # what is written late is read too
    written = served.log.read_text()

    secrets = [*cookies.values(), *(actor.code for actor in town.story.actors.values()), *town.ids.values()]
    secrets += [actor.person_id for actor in town.story.actors.values()]
    secrets += [NAME, PHONE, broken, "canary-token", "203.0.113.77", "127.0.0.1:", "/api/", "Mozilla", "python-httpx"]
    assert [secret for secret in secrets if secret in written] == []
    assert not re.search(r"\bGET\b|\bPOST\b|Traceback", written)
    assert len(doors()) > 40


def test_what_the_database_refuses_is_written_down_without_what_was_in_it(served: Served) -> None:
    """It names the row in its own words, as PostgreSQL does, and SQLAlchemy adds all that was to be written."""
    town, path = served.town, "/api/visits/{visit_id}/alarm"
    url = town.settings.database_url
    with store.transaction(url) as session:
        session.connection().exec_driver_sql(
            "create trigger refuse before insert on visit_alarm begin"
            " select raise(abort, 'Failing row contains (54.8753, canary)'); end"
        )
    try:
        with served.client(town.cookie("chelsea")) as browser:
            assert knock(browser, town, "POST", path) == 500
    finally:
        with store.transaction(url) as session:
            session.connection().exec_driver_sql("drop trigger refuse")

    time.sleep(0.5)
    written = served.log.read_text()
    sent = said(town, path)[0].decode()
    assert "sqlalchemy.exc.IntegrityError\n" in written
    assert re.search(r"  fieldcheck/usecases/\w+.py:\d+ in ", written)
    assert [one for one in ("Failing row", "canary", "54.8", "INSERT", sent[8:44]) if one in written] == []


@pytest.fixture
def hushed() -> Iterator[None]:
    """This process as a served one."""
    before = logging.getLogRecordFactory(), sys.excepthook, threading.excepthook
    hush()
    yield
    logging.setLogRecordFactory(before[0])
    sys.excepthook, threading.excepthook = before[1:]


def fails(text: str) -> None:
    """Fail because of something else, in company, with *text* everywhere."""
    try:
        try:
            {}[text]
        except KeyError as first:
            raise NotFound("visit.not_found", school=text) from first
    except NotFound as second:
        raise ExceptionGroup(text, [second, ValueError(text)]) from None


@pytest.mark.usefixtures("hushed")
def test_a_fault_is_written_down_by_its_name_and_places_whoever_writes(capsys: pytest.CaptureFixture[str]) -> None:
    heard = logging.StreamHandler(sys.stderr)
    heard.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    writer = logging.getLogger("somebody's")
    writer.propagate = False
    writer.addHandler(heard)
    try:
        fails("canary")
    except ExceptionGroup as fault:
        writer.exception("it failed: %s", fault)
        writer.error(fault)
        writer.warning("with %(what)s", {"what": "a word"}, exc_info=(type(fault), fault, fault.__traceback__))
        sys.excepthook(type(fault), fault, fault.__traceback__)
    thread = threading.Thread(target=fails, args=["canary"])
    thread.start()
    thread.join()

    written = capsys.readouterr().err
    assert "canary" not in written
    assert written.count("builtins.ExceptionGroup\n") == 6
    for name in ("builtins.KeyError", "fieldcheck.domain.errors.NotFound visit.not_found", "builtins.ValueError"):
        assert written.count(f"{name}\n") >= 4, name
    assert len(re.findall(r"  \S*security/test_log.py:\d+ in fails", written)) >= 12
    assert written.startswith("ERROR it failed: builtins.ExceptionGroup\n")
