"""What a phone seals for the installation: its key and no other opens it; under another key it is written again."""

import base64
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from playwright.sync_api import BrowserContext, Page

from fieldcheck.domain.errors import Invalid
from fieldcheck.storage import rescue_key
from fieldcheck.web import pocket
from tests.letters import IV, KEY, photo_sealed
from tests.pocket.conftest import VISIT
from tests.pocket.fake_api import FakeApi, Server
from tests.pocket.sheets import checklist, photo_need, question
from tests.pocket.test_outbox import PHOTO
from tests.pocket.walker import Walker

LETTERS = """async () => {
  const {name} = (await indexedDB.databases())[0];
  const opening = indexedDB.open(name);
  await new Promise((ok) => { opening.onsuccess = ok; });
  const read = async (store) => {
    const r = opening.result.transaction(store).objectStore(store).getAll();
    await new Promise((ok) => { r.onsuccess = ok; });
    return r.result;
  };
  const told = {
    entries: (await read("outbox")).map(({kind, id, letter}) =>
      ({kind, id, letter: letter && btoa(String.fromCharCode(...letter.data))})),
    // Not what the page tries the phone's room with.
    bytes: (await read("blobs")).filter(({data}) => data).map(({data}) => data.byteLength),
  };
  opening.result.close();
  return told;
}"""
QUESTION = "Is there a stand?"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "rescue.key"


def opened(key: Path, entry: dict[str, Any]) -> str:
    return rescue_key.Opener(key).letter(base64.b64decode(entry["letter"]), entry["id"]).decode()


def test_a_letter_sealed_by_the_phone_opens_here_for_its_own_id_only(page: Page, server: Server, key: Path) -> None:
    page.goto(f"{server.url}/pocket")
    seal = """async ([url, theirs]) => {
      const {sealer} = await import(url);
      const seal = await sealer(theirs, "NOTES2\\n");
      const text = (bytes) => btoa(String.fromCharCode(...bytes));
      return [text(await seal(new TextEncoder().encode("Жазба"), "one")), text(await seal(new Uint8Array(0), "two"))];
    }"""
    theirs = base64.b64encode(rescue_key.public(key)).decode()

    one, two = map(base64.b64decode, page.evaluate(seal, [pocket.module_url("letter.js"), theirs]))

    assert rescue_key.Opener(key).letter(one, "one").decode() == "Жазба"
    assert rescue_key.Opener(key).letter(two, "two") == b""
    assert one[:72] == two[:72] and one[72:84] != two[72:84]  # one agreement, a fresh iv for each
    for wrong in (("two", one), ("one", two), ("", one)):
        with pytest.raises(Invalid, match=r"letter\.unreadable"):
            rescue_key.Opener(key).letter(wrong[1], wrong[0])
    with pytest.raises(Invalid, match=r"rescue\.unreadable"):
        rescue_key.unseal(key, one)


def test_a_photos_bytes_open_alike_on_the_phone_and_here(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/pocket")
    turn = """async ([url, iv, key, box]) => {
      const {envelope, unfold} = await import(url);
      const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      const text = (data) => btoa(String.fromCharCode(...new Uint8Array(data)));
      const mine = await envelope(bytes("AAECAw=="));
      return [text(await unfold({iv: bytes(iv), data: bytes(box)}, bytes(key))),
        text(mine.raw), text(mine.iv), text(mine.data)];
    }"""
    given = [base64.b64encode(one).decode() for one in (IV, KEY, photo_sealed(b"a photo"))]

    theirs, raw, iv, data = map(base64.b64decode, page.evaluate(turn, [pocket.module_url("letter.js"), *given]))

    assert theirs == b"a photo"
    assert AESGCM(raw).decrypt(iv, data, None) == b"\0\1\2\3"


def test_a_phone_that_was_given_no_key_writes_no_letter_and_sends_as_ever(
    chelsea: Walker, phone: BrowserContext, api: FakeApi
) -> None:
    chelsea.opens().begins().is_asked(QUESTION).has_sent_everything()
    phone.set_offline(True)
    chelsea.taps("No").is_asked("What does it say?")

    assert [one["letter"] for one in chelsea.page.evaluate(LETTERS)["entries"]] == [None]
    phone.set_offline(False)
    chelsea.has_sent_everything()
    assert api.current(VISIT) == {"SHO-01": "no"}


def test_a_photo_lies_on_the_phone_once_and_its_letter_is_small(
    page: Page, server: Server, phone: BrowserContext, api: FakeApi, key: Path, picture: Path
) -> None:
    api.rescue_key = rescue_key.public(key)
    api.add_visit(VISIT, api.add_checklist(PHOTO))
    chelsea = Walker(page, server).opens().begins().is_asked("Photograph it").has_sent_everything()
    phone.set_offline(True)
    chelsea.chooses(picture).sees("Saved on the phone")

    held = page.evaluate(LETTERS)
    (entry,) = [one for one in held["entries"] if one["kind"] == "photo"]
    said = opened(key, entry)

    assert '"sha256"' in said and '"key"' in said
    assert len(entry["letter"]) < 3000  # it travels in a header
    phone.set_offline(False)
    chelsea.has_sent_everything()
    (photo,) = api.photos.values()
    assert held["bytes"] == [photo["size"] + 16]


def test_when_the_key_is_another_what_waits_is_written_again(
    page: Page, server: Server, phone: BrowserContext, api: FakeApi, key: Path, tmp_path: Path, picture: Path
) -> None:
    sheet = checklist(
        question("SHO-01", "yes_no_na", QUESTION),
        question("SHO-02", "photo", "Photograph it", photo=photo_need()),
        question("SHO-03", "statement", "It is so"),
    )
    api.rescue_key = rescue_key.public(key)
    api.add_visit(VISIT, api.add_checklist(sheet))
    chelsea = Walker(page, server).opens().begins().is_asked(QUESTION).has_sent_everything()
    held_up = ("/answers", "/photos/", "/sealed", "/check-in")
    api.fault = lambda request: "refuse" if any(one in request.url.path for one in held_up) else None
    chelsea.taps("Yes").is_asked("Photograph it").chooses(picture).sees("Saved on the phone")
    before = {one["id"]: one for one in page.evaluate(LETTERS)["entries"]}
    assert '"yes"' in "".join(opened(key, one) for one in before.values())

    api.rescue_key = rescue_key.public(tmp_path / "other.key")
    page.reload()

    for _turn in range(200):
        after = page.evaluate(LETTERS)["entries"]
        if all(one["letter"] != before[one["id"]]["letter"] for one in after):
            break
        page.wait_for_timeout(100)
    said = "".join(opened(tmp_path / "other.key", one) for one in after)
    assert {one["kind"] for one in after} >= {"answer", "photo"} and '"yes"' in said and '"sha256"' in said
    api.fault = None
    page.evaluate("dispatchEvent(new Event('online'))")
    chelsea.has_sent_everything()
    assert api.current(VISIT) == {"SHO-01": "yes"} and len(api.photos) == 1
