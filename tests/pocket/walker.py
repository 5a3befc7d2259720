"""What a volunteer does with her thumb, in words."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Locator, Page, expect

from tests.pocket.fake_api import Server

OUTBOX = """async () => {
  const all = [];
  for (const {name} of await indexedDB.databases()) {
    if (!name.startsWith("notes-")) continue;
    const opening = indexedDB.open(name);
    await new Promise((ok, no) => { opening.onsuccess = ok; opening.onerror = no; });
    const db = opening.result;
    const r = db.transaction("outbox").objectStore("outbox").getAll();
    await new Promise(ok => { r.onsuccess = ok; });
    all.push(...r.result.map(({kind, state, why, tries, id}) => ({kind, state, why, tries, id})));
    db.close();
  }
  return all;
}"""

#: What lies in a table of the phone's store: how many things, or under which names.
HELD = """async ([table, what]) => {
  let all = [];
  for (const {name} of await indexedDB.databases()) {
    if (!name.startsWith("notes-")) continue;
    const opening = indexedDB.open(name);
    await new Promise((ok, no) => { opening.onsuccess = ok; opening.onerror = no; });
    const r = opening.result.transaction(table).objectStore(table)[what]();
    await new Promise(ok => { r.onsuccess = ok; });
    opening.result.close();
    all = all.concat(r.result);
  }
  return all;
}"""

#: While `slow` is set, what is read off the store and holds a certain text waits until it is let go.
_SLOW_LOOK = """
  const open = crypto.subtle.decrypt.bind(crypto.subtle);
  window.held = [];
  crypto.subtle.decrypt = async (...how) => {
    const plain = await open(...how);
    const met = new TextDecoder().decode(plain).includes(%s);
    if (window.slow && met) await new Promise((done) => window.held.push(done));
    return plain;
  };
"""


def slow_look(key: str) -> str:
    """Give the script of a phone that is slow to read what has this key."""
    return _SLOW_LOOK % repr(f'"{key}"')


def comes_true(page: Page, script: str, arg: Any = None) -> None:
    """Wait for what a script finds out only after a while; Playwright's own waiting takes the promise for a yes."""
    for _turn in range(200):
        # A page that begins anew meanwhile is asked again.
        with suppress(Error):
            if page.evaluate(script, arg):
                return
        page.wait_for_timeout(100)
    raise AssertionError(script)


class Walker:
    """Chelsea's hands on one tab."""

    def __init__(self, page: Page, server: Server) -> None:
        """She holds *page*, which talks to *server*."""
        self.page = page
        self.server = server

    def opens(self) -> "Walker":
        """Open the page on the phone; where the one before it was just beginning anew by itself, over that."""
        address = f"{self.server.url}/pocket"
        try:
            self.page.goto(address)
        except Error as fault:
            if "interrupted by another navigation" not in fault.message:
                raise
            self.page.goto(address)
        return self

    def begins(self) -> "Walker":
        """Open the only visit, read the briefing, start."""
        self.page.locator(".fc-card").first.tap()
        self.taps("I have read it. Start")
        return self

    def taps(self, name: str) -> "Walker":
        """Tap a button by what it says; where there is none, tell what there is."""
        try:
            self.page.get_by_role("button", name=name, exact=True).tap()
        except Error as fault:
            raise AssertionError(f"{fault.message}\n{self.page.locator('body').aria_snapshot()}") from fault
        return self

    def is_asked(self, text: str) -> "Walker":
        """The question shown is this one."""
        expect(self.page.locator(".fc-title")).to_have_text(text)
        return self

    def answers(self, question: str, option: str) -> "Walker":
        """Tap an answer of a question."""
        return self.is_asked(question).taps(option)

    def types(self, text: str) -> "Walker":
        """Type into the field that is shown."""
        self.page.locator(".fc-main-part input:not([type=file]), .fc-main-part textarea").first.fill(text)
        return self

    def chooses(self, *pictures: Path) -> "Walker":
        """Choose photos from the phone, and look each over: nobody is in it."""
        self.page.locator("input[type=file]").set_input_files([str(one) for one in pictures])
        for left in range(len(pictures), 0, -1):
            self.taps("Nobody in it")
            expect(self.page.locator(".fc-look")).to_have_count(left - 1)
        return self

    def sees(self, text: str) -> "Walker":
        """This text stands somewhere on the screen."""
        expect(self.page.get_by_text(text).first).to_be_visible()
        return self

    def status(self) -> Locator:
        """The line that says where her answers are."""
        return self.page.locator(".fc-status")

    def waits_for(self, text: str) -> "Walker":
        """The save state says this."""
        expect(self.status()).to_have_text(text)
        return self

    def waiting(self) -> list[dict[str, Any]]:
        """What lies in the phone's outbox, read past every module."""
        entries: list[dict[str, Any]] = self.page.evaluate(OUTBOX)
        return entries

    def names(self, table: str) -> list[str]:
        """Under which names something lies in a table of the phone's store."""
        found: list[str] = self.page.evaluate(HELD, [table, "getAllKeys"])
        return found

    def keeps_unsent_answer(self) -> "Walker":
        """An answer that was never tried lies in the outbox."""
        return self._until(lambda waiting: any(one["kind"] == "answer" and one["tries"] == 0 for one in waiting))

    def keeps_unsent_or_tried(self) -> "Walker":
        """An answer lies in the outbox, tried or not."""
        return self._until(lambda waiting: any(one["kind"] == "answer" for one in waiting))

    def has_sent_everything(self) -> "Walker":
        """The outbox is empty."""
        return self._until(lambda waiting: not waiting)

    def keeps_only(self, *kinds: str) -> "Walker":
        """Nothing else lies in the outbox."""
        return self._until(lambda waiting: [one["kind"] for one in waiting] == list(kinds))

    def has_only_refused(self) -> "Walker":
        """Nothing is on its way any more; something was refused."""
        return self._until(lambda waiting: bool(waiting) and all(one["state"] == "refused" for one in waiting))

    def _until(self, wanted: Callable[[list[dict[str, Any]]], bool]) -> "Walker":
        waiting: list[dict[str, Any]] = []
        for _turn in range(200):
            waiting = self.waiting()
            if wanted(waiting):
                return self
            self.page.wait_for_timeout(100)
        raise AssertionError(waiting)
