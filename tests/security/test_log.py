"""What the server writes down while people use it names none of them."""

import re
import time

from tests.security.conftest import Served
from tests.security.test_matrix import knock
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
