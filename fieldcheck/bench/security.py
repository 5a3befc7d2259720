"""Take each lock off in turn and see that the tests notice; then attack harder: `python -m fieldcheck.bench.security`.

The house is copied to a folder of its own, one line of the copy is broken, and the tests that guard it must fail. A
broken lock that nobody notices is printed and fails the run. `--attack N` sends N bent requests on each engine, lets
schemathesis make 14 N/500 or more of each operation that the API describes, for seven people, and tries every id that
anybody meets on every route; `--sample N` breaks N locks only, the same ones each time.
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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fieldcheck.bench.locks import BROKEN

HOUSE = Path(__file__).resolve().parent.parent.parent
LOCKS_FIRST = "tests/security/test_locks_first.py"
COPIED = ("fieldcheck", "tests", "checklists", ".streamlit", "app.py", "pyproject.toml")


@dataclass(frozen=True)
class Mutant:
    """One lock taken off: in *file*, *old* becomes *new*; *tests* must then fail."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


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


def broken(text: str, mutant: Mutant) -> str:
    """Break one lock in the text of its file; raises ValueError when it does not stand there, or twice."""
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
    """Break each lock in turn; gives those that nobody noticed. Raises RuntimeError when a whole house fails."""
    copy = Copy(folder)
    guards = sorted({test for mutant in chosen for test in mutant.tests})
    if not copy.passes(guards):
        raise RuntimeError(f"something is broken already: {guards}")
    left = []
    for mutant in chosen:
        began = time.monotonic()
        seen = copy.notices(mutant)
        told = "noticed" if seen else "NOT NOTICED"
        print(f"    {told:12} {mutant.name} ({time.monotonic() - began:.1f} s)", flush=True)
        left += [] if seen else [mutant.name]
    return left


def sample(number: int) -> list[Mutant]:
    """Choose some locks of every kind, the same each time."""
    every = list(mutants())
    return random.Random(6).sample(every, min(number, len(every)))


def attack(number: int) -> int:
    """Run the tests of security with more of everything, printing what they tried; gives pytest's verdict."""
    environment = {**os.environ, "FIELDCHECK_HARD": str(number)}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", "-o", "timeout=0", "tests/security"],
        cwd=HOUSE,
        env=environment,
        check=False,
    ).returncode


def main() -> None:
    """Break and attack; the exit code says whether anything got through."""
    said = argparse.ArgumentParser(prog="python -m fieldcheck.bench.security", description=__doc__)
    said.add_argument("--sample", type=int, default=0, help="break this many locks only")
    said.add_argument("--attack", type=int, default=0, help="then send this many bent requests, and try every id")
    options = said.parse_args()
    chosen = sample(options.sample) if options.sample else list(mutants())
    with tempfile.TemporaryDirectory() as folder:
        left = survivors(chosen, Path(folder) / "house")
    print(f"{len(chosen)} locks taken off, {len(chosen) - len(left)} noticed")
    verdict = attack(options.attack) if options.attack else 0
    sys.exit(1 if left else verdict)


if __name__ == "__main__":
    main()
