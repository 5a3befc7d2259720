"""How the walk is served: immutable by its hash, pressed, neutral, and found by nobody under a wrong version."""

import gzip
import io
import json
import re
from base64 import b64encode
from hashlib import sha256

import brotli
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from fieldcheck.web import pocket

LIMIT = 80_000
UNPACKED = {"br": brotli.decompress, "gzip": gzip.decompress}
EVERY_FILE = sorted(pocket.folder().files)


@pytest.fixture
def phone() -> TestClient:
    """A browser that takes compressed answers."""
    return TestClient(Starlette(routes=pocket.routes()))


@pytest.mark.parametrize("name", ["nobody.js", "shell.html", "sw.js", "..%2Fpocket.py", "manifest.webmanifest"])
def test_a_file_that_is_not_of_the_folder_is_not_found(phone: TestClient, name: str) -> None:
    answer = phone.get(pocket.module_url(name))

    assert answer.status_code == 404


def test_another_versions_file_is_never_answered_with_this_ones(phone: TestClient) -> None:
    answer = phone.get("/pocket/0123456789abcdef/walk.js")

    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("accepted", "said"), [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip")]
)
def test_a_file_is_kept_forever_and_comes_compressed_as_the_browser_takes_it(
    phone: TestClient, accepted: str, said: str
) -> None:
    with phone.stream("GET", pocket.module_url(), headers={"accept-encoding": accepted}) as answer:
        sent = b"".join(answer.iter_raw())

    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == (said, "Accept-Encoding")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert UNPACKED[said](sent) == pocket.folder().files["notes.js"].body


def test_a_browser_that_cannot_unpack_gets_the_plain_file(phone: TestClient) -> None:
    answer = phone.get(pocket.module_url("walk.js"), headers={"accept-encoding": "identity"})

    assert "content-encoding" not in answer.headers
    assert answer.content == pocket.folder().files["walk.js"].body


@pytest.mark.parametrize(
    ("language", "title"), [("ru", "Заметки"), ("kk", "Жазбалар"), ("en-GB,en", "Notes"), ("de", "Заметки")]
)
def test_the_page_has_a_neutral_title_in_the_readers_language(phone: TestClient, language: str, title: str) -> None:
    page = phone.get("/pocket", headers={"accept-language": language})
    manifest = phone.get("/manifest.webmanifest", headers={"accept-language": language})

    assert f"<title>{title}</title>" in page.text
    assert page.headers["cache-control"] == "no-cache"
    assert json.loads(manifest.text)["name"] == title


def test_nothing_that_is_served_says_whose_it_is(phone: TestClient) -> None:
    seen = phone.get("/pocket?kept").text + phone.get("/manifest.webmanifest").text + phone.get("/icon.svg").text

    assert not re.search(r"fieldcheck|school|школ|мектеп|shopper|visit", seen, re.IGNORECASE)


def test_the_page_that_is_kept_needs_no_script_of_its_own(phone: TestClient) -> None:
    page = phone.get("/pocket?kept")

    assert re.findall(r"<script(?![^>]*\bsrc=)", page.text) == []
    assert "content-security-policy" not in page.headers  # the gate's stands
    assert " on" not in "".join(re.findall(r"<[^>]+>", page.text)).replace(" only", "")


def test_a_first_page_brings_the_one_script_that_its_policy_names(phone: TestClient) -> None:
    page = phone.get("/pocket")

    inside = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page.text, re.DOTALL)
    assert [text.encode() for text in inside] == [pocket.folder().files["notes.js"].body]
    assert b64encode(sha256(inside[0].encode()).digest()).decode() in page.headers["content-security-policy"]


def test_a_page_that_the_phone_has_already_is_not_sent_again(phone: TestClient) -> None:
    tag = phone.get("/pocket").headers["etag"]

    same = phone.get("/pocket", headers={"if-none-match": tag})
    other = phone.get("/pocket", headers={"if-none-match": tag, "accept-language": "kk"})

    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert other.status_code == 200


def test_the_worker_may_watch_the_whole_site_and_is_always_asked_for_anew(phone: TestClient) -> None:
    worker = phone.get("/sw.js")

    assert worker.headers["service-worker-allowed"] == "/"
    assert worker.headers["cache-control"] == "no-cache"
    assert pocket.folder().hash in worker.text
    assert "{{" not in worker.text


def test_every_file_that_the_worker_keeps_is_there(phone: TestClient) -> None:
    kept = re.findall(r'"(/[^"]+)"', phone.get("/sw.js").text.split("const FILES = ")[1].split(";")[0])

    missing = [path for path in kept if phone.get(path).status_code != 200]

    assert len(kept) == 10
    assert missing == []


def test_a_page_that_knows_nothing_asks_for_three_things_only(phone: TestClient) -> None:
    page = phone.get("/pocket").text.split('<script type="module">')[0]

    wanted = set(re.findall(r'(?:href|src)="([^"]+)"', page)) - set(pocket.PICTURES)

    assert wanted == {
        "/api/start", pocket.module_url("walk.css"), pocket.module_url("words.ru.json")
    }  # fmt: skip


def test_the_page_that_is_kept_asks_the_server_for_nothing_of_its_own_accord(phone: TestClient) -> None:
    assert "/api/" not in phone.get("/pocket?kept").text


def test_a_home_screen_gets_its_icon_in_pixels(phone: TestClient) -> None:
    named = json.loads(phone.get("/manifest.webmanifest").text)["icons"]

    sizes = {Image.open(io.BytesIO(phone.get(icon["src"]).content)).size for icon in named if icon["sizes"] != "any"}

    assert sizes == {(192, 192), (512, 512)}


def test_every_module_imports_only_what_is_there() -> None:
    names = set(pocket.folder().files)
    wanted = {
        (name, other)
        for name in names
        if name.endswith(".js")
        for other in re.findall(r'from "\./([^"]+)"', pocket.folder().files[name].body.decode())
    }

    assert [pair for pair in sorted(wanted) if pair[1] not in names] == []


def test_no_module_ever_asks_for_a_microphone_or_turns_text_into_markup() -> None:
    scripts = {path.name: path.read_text() for path in pocket.FOLDER.glob("*.js")}

    forbidden = re.compile(r"audio: true|innerHTML|insertAdjacentHTML|\beval\(|new Function|document\.write|https?://")

    assert [name for name, text in scripts.items() if forbidden.search(text)] == []


def test_all_of_the_walk_with_its_words_is_small() -> None:
    files = pocket.folder().files
    served = [*pocket.kept(), pocket.WORKER, *pocket.FRAMES]

    assert sum(len(files[name].by("gzip")) for name in served) < LIMIT


def test_what_comes_before_the_first_question_is_most_of_it_but_no_photos() -> None:
    first, later = (pocket.folder().files[name].body.decode() for name in ("notes.js", "more.js"))

    assert "getUserMedia" in later and "getUserMedia" not in first
    assert "deleteDatabase" in first  # throwing everything away waits for nothing


def test_the_words_of_a_language_are_those_of_its_catalogue(phone: TestClient) -> None:
    kazakh = phone.get(pocket.module_url("words.kk.json")).json()

    assert kazakh[pocket.brief("Next")] == "Келесі"
    assert len(kazakh[pocket.brief("{n} photo")]) == 2


@pytest.mark.parametrize(("sentence", "named"), [("", "51cwt"), ("Next", "8m9qy"), ("“Қала” ≥ 2 😀", "6e0y9")])
def test_a_sentence_has_the_name_that_the_phone_gives_it(sentence: str, named: str) -> None:
    assert pocket.brief(sentence) == named


def test_two_sentences_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pocket, "brief", lambda sentence: sentence[:3])

    with pytest.raises(pocket.AmbiguousWords, match=r"kk/walk\.po"):
        pocket._words("kk")


def test_what_is_pressed_is_what_was_read() -> None:
    files = pocket.folder().files

    assert [name for name in pocket.kept() if gzip.decompress(files[name].by("gzip")) != files[name].body] == []
