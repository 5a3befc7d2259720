"""Walks visits while everything breaks, then counts: acknowledged, still queued, lost, doubled.

Each run is one volunteer with a browser of her own, walking through the real page to the real server over a road that
breaks by a seeded generator (`proxy.py`); she reloads, loses her tab, her browser and her network, and the server is
killed. Every second phone has a PIN: there a killed page is followed by the service worker, which sends what waits as
letters that it cannot read, and is itself killed half-way. What she was told is saved is compared with what the phone's
store and the server's database hold in the end.
`--broken outbox` walks with an outbox that lets go before the server has answered, `--broken worker` with a service
worker that throws letters away: the count must find both. One that sends a letter twice doubles nothing, as its id is
inside.
"""

import argparse
import asyncio
import json
import os
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlmodel import select

from fieldcheck.bench import waking
from fieldcheck.bench.counting import STORE, Count
from fieldcheck.bench.field import PHOTO_TITLES, PHOTOS, QUESTION_TITLES, QUESTIONS, lay, sheet
from fieldcheck.bench.lab import Lab, kill_browser
from fieldcheck.bench.phone import Phone
from fieldcheck.bench.ports import free_port
from fieldcheck.bench.proxy import Road
from fieldcheck.storage import database, visit_queries
from fieldcheck.storage.tables import Answer, Photo, Submission, Visit


class Run(Phone):
    """One volunteer's walk under one seed."""

    def __init__(self, lab: Lab, seed: int) -> None:
        super().__init__(lab, has_pin=lab.laid.forgetful or (not lab.broken and seed % 2 == 0))
        self.count, self.dice = Count(seed), random.Random(seed)
        self.saved: dict[str, str] = {}
        self.pictures: Counter[str] = Counter()
        self.breaking = False
        #: After which step the page is killed with the phone locked; nothing leaves it until then.
        self.dark: int | None = None

    async def go(self) -> Count:
        """Walk, be struck, recover, count."""
        began = time.monotonic()
        port = free_port()
        self.road = Road(port, self.lab.laid.port, self.fate)
        await self.road.open()
        self.profile = Path(tempfile.mkdtemp(prefix="phone-", dir=self.lab.folder))
        self.url = f"http://localhost:{port}"
        self.cookie, self.visit, _ = self.lab.laid.walker(self.count.seed, [self.lab.digest])
        try:
            await self.power_on()
            async with self.lab.dying:  # her first opening has a network; what follows need not
                await self.open_page()
                await self.page.locator(".fc-card").wait_for()
                if not self.lab.broken:
                    await self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
            if self.has_pin:
                await waking.set_pin(self.page)
            await self.enter()
            await self.walk()
            await self.recover()
            await self.judge()
        except Exception as fault:  # noqa: BLE001 a run that cannot be counted is a failed run, and says why
            self.count.notes.append(f"{type(fault).__name__}: {fault}"[:600])
            self.count.lost += 1
        finally:
            self.breaking = False
            await self.power_off()
            await self.road.close()
            shutil.rmtree(self.profile, ignore_errors=True)
        self.count.blows += self.road.fates
        self.count.seconds = round(time.monotonic() - began, 1)
        return self.count

    def fate(self, head: bytes) -> random.Random | None:
        """Say who decides over a request: the dice over the API's while the road breaks, nobody over the rest."""
        return self.dice if self.breaking and b" /api/" in head else None

    # --- the walk and the blows

    async def walk(self) -> None:
        """Answer and photograph in order, some twice, struck at random."""
        self.breaking = True
        steps = [*QUESTION_TITLES, *PHOTO_TITLES]
        struck = set(self.dice.sample(range(len(steps)), 3))
        for number, step in enumerate(steps):
            await self.at(step)
            if step.startswith("Photo"):
                await self.photograph(step)
            else:
                await self.tap(step, self.dice.choice(("yes", "no", "na")))
                if self.dice.random() < 0.2:
                    await self.page.get_by_role("button", name="Back", exact=True).click()
                    await self.at(step)
                    await self.tap(step, self.dice.choice(("yes", "no")))
            if number in struck:
                await self.strike(number)
            elif self.dark is not None and number > self.dark:
                await self.wake()
        if self.dark is not None:
            await self.wake()

    async def at(self, step: str) -> None:
        """Be on a question; where the page was killed she goes on from where it opens."""
        order = [*QUESTION_TITLES, *PHOTO_TITLES]
        for _ in range(120):
            said = await self.title()
            if said == step:
                return
            await self.unlock()
            if said and await self.page.locator("[data-next]").count():
                ahead = said in order and order.index(said) < order.index(step)
                back = self.page.get_by_role("button", name="Back", exact=True)
                await self.press(self.page.locator("[data-next]") if ahead else back)
            elif await self.page.locator(".fc-card").count() or said:
                await self.enter()
            await self.page.wait_for_timeout(60)
        raise TimeoutError(f"never came to {step}: {await self.page.locator('body').inner_text()}")

    async def tap(self, step: str, option: str) -> None:
        """Answer, and note it once the page has gone on: that is its word that it is saved."""
        for _ in range(20):
            await self.at(step)
            await self.page.evaluate("window.tapped = []")
            await self.press(self.page.locator(f'[data-option="{option}"]'))
            for _ in range(200):
                gone = await self.title() not in {step, ""}
                # On a slow machine her finger comes down when something else is asked: that is not her answer yet.
                if await self.page.evaluate("window.tapped") not in ([step, option], None):
                    break
                if gone:
                    self.saved[step] = option
                    return
                await self.page.wait_for_timeout(20)
            else:
                break
        raise TimeoutError(f"never saved {step}")

    async def photograph(self, step: str) -> None:
        """Choose a picture, and note it once it is shown as kept."""
        before = await self.page.locator(".fc-photos li").count()
        await self.page.locator("input[type=file]").first.set_input_files(self.lab.picture(self.dice))
        # She says that nobody is left to cover; only then is it a photo of the visit.
        await self.page.locator("[data-covered]").first.click()
        await self.page.locator(".fc-photos li:not(:has(.fc-look))").nth(before).wait_for(timeout=60_000)
        self.pictures[step] += 1

    async def wake(self) -> None:
        """Her page is killed while the phone is locked; the network is back, and the browser wakes the worker."""
        self.dark = None
        half_way = not self.lab.laid.forgetful and self.dice.random() < 0.5
        self.count.blows["worker killed half-way" if half_way else "killed while locked, worker sends"] += 1
        bare = await self.context.new_page()
        await self.page.close(run_before_unload=False)
        self.page = bare
        await self.context.set_offline(False)
        await self.load(bare.goto, f"{self.url}/icon.svg")
        before = await waking.waiting(bare)
        await waking.wake(bare, self.url, self.dice.randrange(500) if half_way else None)
        self.count.blows["sent by the worker"] += before - await waking.waiting(bare)
        await self.load(bare.goto, f"{self.url}/pocket")

    async def strike(self, number: int) -> None:
        """One blow: to the page, the tab, the browser, the network or the server."""
        if self.has_pin and self.dark is None and (self.lab.laid.forgetful or self.dice.random() < 0.6):
            self.dark = number  # what she does next stays on the phone, until its page is killed
            await self.context.set_offline(True)
            return
        blow = self.dice.choices(
            ("reload", "tab closed", "browser killed", "no network", "server killed"), (4, 4, 2, 3, 2)
        )[0]
        self.count.blows[blow] += 1
        if blow == "reload":
            await self.load(self.page.reload)
        elif blow == "tab closed":
            fresh = await self.context.new_page()
            await self.page.close(run_before_unload=False)
            self.page = fresh
            await self.load(self.page.goto, f"{self.url}/pocket")
        elif blow == "browser killed" and not self.lab.broken:
            kill_browser(self.profile)
            await self.power_off()
            await self.power_on()
            await self.open_page()
        elif blow == "no network":
            await self.context.set_offline(True)
            await self.page.wait_for_timeout(self.dice.randrange(600))
            if self.dice.random() < 0.5 and not self.lab.broken:
                await self.load(self.page.reload)
            await self.context.set_offline(False)
        elif blow == "server killed":
            await self.lab.power_cut()

    # --- afterwards

    async def recover(self) -> None:
        """The road is whole again: she hands the visit in, and everything leaves."""
        held = await self.page.evaluate(STORE)
        waiting = {one["id"] for one in held["outbox"]}
        told = [one["id"] for one in held["answers"] if one["id"] not in waiting]
        known = self.rows(Answer)
        self.count.let_go = sum(1 for id_ in told if id_ not in {row.id for row in known})
        await self.hand_in()
        self.breaking = False
        await self.load(self.page.goto, f"{self.url}/pocket")
        left: list[dict[str, Any]] = []
        # A slow machine takes longer, and that is no fault of the walk: only what does not leave at all is queued.
        for turn in range(1500):
            await self.unlock()
            if turn % 20 == 0:
                await self.page.evaluate("dispatchEvent(new Event('online'))")
            left = (await self.page.evaluate(STORE))["outbox"]
            if not [one for one in left if one["state"] in {"waiting", "taken"}]:
                break
            await self.page.wait_for_timeout(100)
        self.count.queued = len(left)
        if left:
            self.count.notes.append(f"left: {left}")

    async def hand_in(self) -> None:
        """Mark the visit for submission, in the middle of whatever the road does."""
        send = self.page.get_by_role("button", name="Send the visit")
        for _ in range(90):
            await self.unlock()
            if await self.page.locator(".fc-main:not([disabled])").get_by_text("Send the visit").count():
                await self.press(send)
            elif await self.page.locator("[data-next]").count():
                await self.press(self.page.locator("[data-next]"))
            elif await self.page.get_by_text(re.compile("It leaves by itself|The visit has arrived")).count():
                return
            elif await self.page.locator(".fc-card").count():
                await self.press(self.page.locator(".fc-card").first)
            await self.page.wait_for_timeout(60)
        raise TimeoutError(f"could not hand in: {await self.page.locator('body').inner_text()}")

    def rows(self, table: Any) -> Sequence[Any]:
        """Read what the server holds of her visit."""
        with database.transaction(self.lab.laid.settings.database_url, reading=True) as session:
            if table is Answer:
                return visit_queries.answers(session, self.visit)
            return session.exec(select(table).where(table.visit_id == self.visit)).all()

    async def judge(self) -> None:
        """Compare what she was told with what the server holds."""
        answers = self.rows(Answer)
        current = {question: row.value for (_, question), row in visit_queries.current(answers).items()}
        for step, option in self.saved.items():
            code = f"FLD-{int(step.split()[1]):02}"
            if current.get(code) != option:
                self.count.lost += 1
                self.count.notes.append(f"{code}: said {option}, held {current.get(code)}")
        photos = [row for row in self.rows(Photo) if row.withdrawn_at is None]
        by_question = Counter(row.question_id for row in photos)
        for step, many in self.pictures.items():
            held = by_question[f"PHO-{int(step.split()[1]):02}"]
            self.count.lost += max(0, many - held)
            self.count.doubled += max(0, held - many)
        acts = Counter((row.question_id, row.value, row.given_at, row.happened_at) for row in answers)
        self.count.doubled += sum(many - 1 for many in acts.values())
        self.count.doubled += len(photos) - len({row.sha256 for row in photos})
        with database.transaction(self.lab.laid.settings.database_url, reading=True) as session:
            state = session.exec(select(Visit.state).where(Visit.id == self.visit)).one()
        submissions = len(self.rows(Submission))
        self.count.lost += state != "submitted"
        self.count.doubled += max(0, submissions - 1)
        self.count.acknowledged = len(answers) + len(photos) + submissions


async def trial(runs: int, first: int, *, broken: str | None = None, at_once: int = 3) -> list[Count]:
    """Walk so many visits, a few at a time."""
    from playwright.async_api import async_playwright

    folder = Path(tempfile.mkdtemp(prefix=".faults-", dir=os.environ.get("TMPDIR") or None))
    port = free_port()
    laid = lay(folder / "data", port, f"http://localhost:{port}")
    digest = laid.publish(sheet(QUESTIONS, PHOTOS))
    laid.forgetful = broken == "worker"
    laid.start()
    try:
        async with async_playwright() as playwright:
            named = os.environ.get("FIELDCHECK_CHROMIUM") or shutil.which("chromium")
            lab = Lab(folder, laid, digest, playwright.chromium, named or playwright.chromium.executable_path)
            lab.broken = broken == "outbox"
            free, done = asyncio.Semaphore(at_once), 0

            async def one(seed: int) -> Count:
                nonlocal done
                async with free:
                    count = await Run(lab, seed).go()
                done += 1
                print(f"\r{done} of {runs} walked", end="", file=sys.stderr, flush=True)
                return count

            return list(await asyncio.gather(*(one(seed) for seed in range(first, first + runs))))
    finally:
        print(file=sys.stderr)
        laid.kill()
        shutil.rmtree(folder, ignore_errors=True)


def main(said: list[str] | None = None) -> None:
    """Run from the command line; the exit code says whether everything came exactly once."""
    parser = argparse.ArgumentParser(prog="python -m fieldcheck.bench.faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--at-once", type=int, default=3)
    parser.add_argument("--broken", choices=("outbox", "worker"), help="walk with this broken: the count must find it")
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    options = parser.parse_args(said)
    counts = asyncio.run(trial(options.runs, options.first, broken=options.broken, at_once=options.at_once))
    if options.json:
        print(json.dumps([one.told() for one in counts]))
        return
    for odd in [one for one in counts if not one.is_whole or one.notes]:
        print(odd.told())
    named = ("acknowledged", "queued", "lost", "doubled", "let_go")
    total = {name: sum(getattr(one, name) for one in counts) for name in named}
    blows = sum((one.blows for one in counts), Counter[str]())
    print(f"{len(counts)} runs, {sum(one.is_whole for one in counts)} whole: {total}")
    print("struck:", ", ".join(f"{name} {many}" for name, many in blows.most_common()))
    sys.exit(0 if all(one.is_whole for one in counts) else 1)


if __name__ == "__main__":
    main()
