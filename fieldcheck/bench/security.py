"""Take each lock off in turn and see that the tests notice; then attack harder: `python -m fieldcheck.bench.security`.

The house is copied to a folder of its own, one line of the copy is broken, and the tests that guard it must fail. A
broken lock that nobody notices is printed and fails the run. Most are broken in memory (`taken_off.py`), and many are
read off the house itself (`guards.py`). `--attack N` sends N bent requests on each engine, lets
schemathesis make 14 N/500 or more of each operation that the API describes, for seven people, and tries every id that
anybody meets on every route, and prints what each attack tried; `--canaries` only searches a whole demo for everybody
who walked in it, which is a part of every attack; `--sample N` breaks N locks only, the same each time.
A test that hangs is ended by pytest and has failed; a child that hangs outside of its tests is nobody's notice.
"""

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from xml.etree import ElementTree as ET

from fieldcheck.bench import guards, taken_off
from fieldcheck.bench.locks import BROKEN

HOUSE = Path(__file__).resolve().parent.parent.parent
LOCKS_FIRST = "tests/security/test_locks_first.py"
#: What is tried harder, and counted.
ATTACKED = (
    "tests/security", "tests/record/test_bent.py", "tests/web/test_gate.py", "tests/web/test_cut_off.py",
    "tests/usecases/test_accounts.py",
)  # fmt: skip
#: A whole demo programme searched for everybody who walked in it.
CANARIES = ("tests/security/test_demo_canaries.py", "tests/security/test_canaries.py")
MANNERS = ("-o", "timeout=0", "-o", "junit_family=xunit1")  # the newer form holds no properties
COPIED = ("fieldcheck", "tests", "checklists", ".streamlit", "app.py", "pyproject.toml")


@dataclass(frozen=True)
class Mutant:
    """One lock taken off: in *file*, *old* becomes *new*, from *at* on where it is known; *tests* must then fail."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    at: int | None = None


SHAM = '''

def sham(action):
    """A lock that carries its label and locks nothing."""

    def fit(use_case):
        use_case.action = action
        return use_case

    return fit
'''


def mutants() -> Iterator[Mutant]:
    """Name every lock of the house, broken."""
    for path in sorted((HOUSE / "fieldcheck" / "usecases").glob("*.py")):
        text = path.read_text()
        for lock, name in re.findall(r"(@permits\(Action\.\w+\))\ndef (\w+)\(", text):
            if not name.startswith("_"):
                old, sham = f"{lock}\ndef {name}(", lock.replace("@permits", "@_work_module.sham")
                yield Mutant(
                    f"{path.stem}.{name}", f"usecases/{path.name}", old, f"{sham}\ndef {name}(", (LOCKS_FIRST,)
                )
    for file, old, new, tests in BROKEN:
        yield Mutant(f"{file}: {' '.join(old.split())[:60]}", file, old, new, tests)
    for one in guards.found(HOUSE):
        yield Mutant(one.name, one.file, one.old, one.new, one.tests, one.at)


def broken(text: str, mutant: Mutant) -> str:
    """Break one lock in the text of its file; raises ValueError when it does not stand there, or twice."""
    if mutant.at is not None:
        return text[: mutant.at] + mutant.new + text[mutant.at + len(mutant.old) :]
    if text.count(mutant.old) != 1:
        raise ValueError(f"{mutant.name}: it stands there {text.count(mutant.old)} times")
    text = text.replace(mutant.old, mutant.new)
    if "_work_module" in mutant.new:  # the sham lock is fetched where the real one comes from
        begin = text.index("\nfrom fieldcheck.usecases.work import")
        text = text[:begin] + "\nimport fieldcheck.usecases.work as _work_module" + text[begin:]
    return text


class Copy:
    """A copy of the house, in which locks are broken."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc", "*.db")
        for name in COPIED:
            source = HOUSE / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=ignored)
            else:
                shutil.copy2(source, folder / name)
        work = folder / "fieldcheck" / "usecases" / "work.py"
        work.write_text(work.read_text() + SHAM)

    def passes(self, tests: Sequence[str]) -> bool:
        """Run tests in the copy; says whether they pass. Tests that cannot run at all are an error."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("FIELDCHECK_")}
        environment |= {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests],
            cwd=self.folder, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode not in {0, 1}:
            raise RuntimeError(f"the tests {tests} did not run: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.returncode == 0

    def notices(self, mutant: Mutant) -> bool:
        """Break one lock, run the tests that guard it, and mend it; says whether they failed."""
        path = self.folder / "fieldcheck" / mutant.file
        whole = path.read_text()
        path.write_text(broken(whole, mutant))
        try:
            return not self.passes(mutant.tests)
        finally:
            path.write_text(whole)


def survivors(chosen: Sequence[Mutant], folder: Path) -> list[str]:
    """Break each lock in turn in a copy of the house; gives those that nobody noticed.

    Raises RuntimeError when a whole house fails.
    """
    copy = Copy(folder)
    guards_ = sorted({test for mutant in chosen for test in mutant.tests})
    if chosen and not copy.passes(guards_):
        raise RuntimeError(f"something is broken already: {guards_}")
    return [mutant.name for mutant in chosen if not _noticed(mutant, copy.notices)]


def _noticed(mutant: Mutant, by: Callable[[Mutant], bool]) -> bool:
    began = time.monotonic()
    seen = by(mutant)
    told = "noticed" if seen else "NOT NOTICED"
    print(f"    {told:12} {mutant.name} ({time.monotonic() - began:.1f} s)", flush=True)
    return seen


def survivors_of_all(chosen: Sequence[Mutant], folder: Path) -> list[str]:
    """Break each lock in turn, in memory where a test comes through it there; gives those that nobody noticed."""
    taken_off.prepare()
    in_memory = {mutant.name: breaking for mutant in chosen if (breaking := _in_memory(mutant))}
    files = sorted({_file(test) for one in chosen if one.name in in_memory for test in one.tests})
    known = taken_off.callers([file for file in files if file != LOCKS_FIRST])
    asked = {one.name: _asked(one, in_memory[one.name][0], known) for one in chosen if one.name in in_memory}

    def notices(mutant: Mutant) -> bool:
        return taken_off.fails(asked[mutant.name], in_memory[mutant.name][1])

    left = [one.name for one in chosen if asked.get(one.name) and not _noticed(one, notices)]
    return left + survivors([one for one in chosen if not asked.get(one.name)], folder)


def _asked(mutant: Mutant, functions: Collection[str], known: taken_off.Callers) -> list[str]:
    """Say which of a lock's tests come through where it stands, those that take the least time first."""
    if mutant.tests == (LOCKS_FIRST,):
        return [LOCKS_FIRST]
    near = dict.fromkeys(test for function in functions for test in known.get((mutant.file, function), ()))
    return [test for test in near if _file(test) in {_file(one) for one in mutant.tests}]


def _file(test: str) -> str:
    return test.split("::", maxsplit=1)[0]


def _in_memory(mutant: Mutant) -> tuple[Collection[str], Callable[[], object]] | None:
    """Say which functions a lock stands in and how it is broken there; None where only a copy of the house shows it."""
    if mutant.new.startswith("@"):
        module, name = mutant.name.split(".")
        return (name,), partial(taken_off.take_off, module, name)
    if mutant.file in taken_off.WRAPPED or any(_file(test) in taken_off.FAR for test in mutant.tests):
        return None
    text = (HOUSE / "fieldcheck" / mutant.file).read_text()
    codes = taken_off.broken_code(mutant.file, broken(text, mutant))
    return (codes.keys(), partial(taken_off.put, mutant.file, codes)) if codes else None


def sample(number: int) -> list[Mutant]:
    """Choose some locks of every kind, the same each time."""
    every = list(mutants())
    return random.Random(6).sample(every, min(number, len(every)))


def attack(number: int, tests: Sequence[str] = ATTACKED) -> int:
    """Run the tests of security with more of everything, then print what they tried; gives pytest's verdict."""
    environment = {**os.environ, "FIELDCHECK_HARD": str(number)}
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.xml"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-s", *MANNERS, f"--junitxml={told}", *tests],
            cwd=HOUSE,
            env=environment,
            check=False,
        )
        print(counts(told))
    return done.returncode


def counts(told: Path) -> str:
    """Write what each test of security says it tried, a line a test; of one that runs in several forms, the sum."""
    sums: dict[str, dict[str, int]] = {}
    for case in ET.parse(told).iter("testcase"):
        name = case.get("name", "").split("[")[0].removeprefix("test_").replace("_", " ")
        for said in case.iter("property"):
            mine = sums.setdefault(name, {})
            mine[said.get("name", "")] = mine.get(said.get("name", ""), 0) + int(said.get("value", "0"))
    return "\n".join(f"{name}: {', '.join(f'{what} {n:,}' for what, n in mine.items())}" for name, mine in sums.items())


def main() -> None:
    """Break and attack; the exit code says whether anything got through."""
    said = argparse.ArgumentParser(prog="python -m fieldcheck.bench.security", description=__doc__)
    said.add_argument("--sample", type=int, default=0, help="break this many locks only")
    said.add_argument("--only", action="append", default=[], help="break only the locks whose name holds this")
    said.add_argument("--after", type=int, default=0, help="leave out so many: those a run before has come through")
    said.add_argument("--attack", type=int, default=0, help="then send this many bent requests, and try every id")
    said.add_argument("--canaries", action="store_true", help="only search a whole demo for everybody who walked in it")
    options = said.parse_args()
    if options.canaries:
        sys.exit(attack(1, CANARIES))
    every = sample(options.sample) if options.sample else list(mutants())
    wanted = options.only or [""]
    chosen = [mutant for mutant in every if any(one in mutant.name for one in wanted)][options.after :]
    with tempfile.TemporaryDirectory() as folder:
        left = survivors_of_all(chosen, Path(folder) / "house")
    print(f"{len(chosen)} locks taken off, {len(chosen) - len(left)} noticed")
    verdict = attack(options.attack) if options.attack else 0
    sys.exit(1 if left else verdict)


if __name__ == "__main__":
    main()
