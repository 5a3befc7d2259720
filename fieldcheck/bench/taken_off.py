"""Locks taken off in memory: fast enough to take off all of them.

Everything is imported once; for each lock a child of this process puts the broken code in the place of the whole one,
in the very function that everybody holds, and runs the tests that come through that function. What stands outside of
functions, and what only a server in a process of its own shows, is broken in a copy of the house (`security.py`).
"""

import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest

import fieldcheck
from fieldcheck.usecases import work

HOUSE = Path(__file__).resolve().parent.parent.parent
PACKAGE = HOUSE / "fieldcheck"
#: Test modules that start servers or browsers of their own: what is broken in this process they never see.
FAR = (
    "tests/web/test_gate.py", "tests/web/test_cut_off.py", "tests/web/test_provider.py",
    "tests/security/test_matrix.py",
)  # fmt: skip
#: What wraps others when they are imported, or is kept once it is made: a child of this process comes too late for it.
WRAPPED = ("usecases/work.py", "web/index.py")
#: So many seconds a child may take; pytest ends each of its tests far sooner, and a test that was ended has failed.
PATIENCE, HUNG = 1800, -9
#: Which tests come through which function of which file.
Callers = Mapping[tuple[str, str], Sequence[str]]


def prepare() -> None:
    """Import the house and all that its tests need, so that children have it already."""
    for info in pkgutil.walk_packages(fieldcheck.__path__, "fieldcheck."):
        if ".migrations" not in info.name and ".screens" not in info.name and ".bench" not in info.name:
            importlib.import_module(info.name)
    with contextlib.redirect_stdout(io.StringIO()):  # pytest's own plugins, too
        _pytest(["--collect-only", str(HOUSE / "tests" / "domain" / "test_access.py")])
    gc.freeze()


def broken_code(file: str, text: str) -> dict[str, CodeType] | None:
    """Give the functions of a file that are others in *text*, by their names; None where it is not only functions."""
    path = PACKAGE / file
    whole, bent = (compile(source, str(path), "exec") for source in (path.read_text(), text))
    if _shape(whole) != _shape(bent):
        return None
    before, after = dict(_functions(whole)), dict(_functions(bent))
    return {name: code for name, code in after.items() if _said(code) != _said(before[name])}


def _functions(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    """Go through the outermost functions: of the module and of its classes."""
    for one in code.co_consts:
        if isinstance(one, CodeType):
            if one.co_flags & 2:  # it has locals of its own: a function, not the body of a class
                yield one.co_qualname, one
            else:
                yield from _functions(one)


def _shape(code: CodeType) -> Any:
    """Give what stands outside of functions: what a patched function cannot change."""
    inner = [one for one in code.co_consts if isinstance(one, CodeType)]
    shapes = [(one.co_qualname, one.co_freevars) if one.co_flags & 2 else _shape(one) for one in inner]
    return code.co_code, [one for one in code.co_consts if not isinstance(one, CodeType)], code.co_names, shapes


def _said(code: CodeType) -> Any:
    """Give what a function does, wherever it stands."""
    consts = [_said(one) if isinstance(one, CodeType) else (type(one), one) for one in code.co_consts]
    return code.co_code, consts, code.co_names, code.co_varnames, code.co_exceptiontable


def put(file: str, codes: Mapping[str, CodeType]) -> int:
    """Put broken code into every function that has the whole one; gives how many there were."""
    path, done = str(PACKAGE / file), 0
    gc.unfreeze()
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename == path:
            code = codes.get(one.__code__.co_qualname)
            if code is not None:
                one.__code__ = code
                done += 1
    return done


def take_off(module: str, name: str) -> None:
    """Put a sham in the place of a use-case's lock: it carries its label and locks nothing."""
    there = importlib.import_module(f"fieldcheck.usecases.{module}")
    locked = getattr(there, name)
    assert locked.__code__.co_filename == work.__file__
    sham = locked.__wrapped__
    sham.action = locked.action
    setattr(there, name, sham)


def fails(tests: Sequence[str], breaking: Callable[[], object]) -> bool:
    """Break something in a child and run tests there; says whether they failed. Raises RuntimeError if none ran."""

    def broken() -> int:
        breaking()
        return _pytest(["-x", *tests])

    code, said = _in_child(broken)
    if code == HUNG:
        return False
    if code not in {0, 1}:
        raise RuntimeError(f"the tests {tests} did not run: {said[-2000:]}")
    return code == 1


def callers(files: Sequence[str]) -> Callers:
    """Run whole test files once, in a child, and note which functions of the house each test comes through."""
    with tempfile.NamedTemporaryFile(suffix=".json") as kept:
        code, said = _in_child(lambda: _pytest([*files], [Notes(Path(kept.name))]))
        if code:
            raise RuntimeError(f"something is broken already: {said[-3000:]}")
        rows = json.loads(Path(kept.name).read_text())
    return {(file, name): tests for file, name, tests in rows}


class Notes:
    """A plugin of pytest: which functions of the house each test comes through, its fixtures' too."""

    def __init__(self, path: Path) -> None:
        self.path, self.found = path, defaultdict[tuple[str, str], dict[str, float]](dict)
        self.now, self.before = "", str(PACKAGE) + os.sep

    def _see(self, frame: FrameType, event: str, _arg: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(self.before):
            self.found[code.co_filename.removeprefix(self.before), code.co_qualname][self.now] = 0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Watch one test from its first fixture to its last."""
        self.now = item.nodeid
        threading.setprofile(self._see)
        sys.setprofile(self._see)
        try:
            return (yield)
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep how long it took: the shortest are asked first."""
        for tests in self.found.values():
            if report.nodeid in tests:
                tests[report.nodeid] += report.duration

    def pytest_sessionfinish(self) -> None:
        """Write it down."""
        rows = [(*where, sorted(tests, key=lambda one: tests[one])) for where, tests in self.found.items()]
        self.path.write_text(json.dumps(rows))


def _pytest(arguments: Sequence[str], plugins: Sequence[object] = ()) -> int:
    return int(pytest.main(["-q", "--assert=plain", "-p", "no:cacheprovider", *arguments], plugins=list(plugins)))


def _in_child(act: Any) -> tuple[int, str]:
    """Do something in a child of this process; gives its exit code and what it said."""
    with tempfile.TemporaryFile("w+") as said:
        child = os.fork()
        if not child:  # pragma: no cover - nothing of the child comes back
            code = 70
            try:
                os.dup2(said.fileno(), 1)
                os.dup2(said.fileno(), 2)
                os.chdir(HOUSE)
                for name in [name for name in os.environ if name.startswith("FIELDCHECK_")]:
                    del os.environ[name]
                code = act()
            except BaseException:  # noqa: BLE001 - it is told by the exit code
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        code = _wait(child)
        said.seek(0)
        return code, said.read()


def _wait(child: int) -> int:
    """Wait for a child, and not for ever: one that hangs outside of its tests is ended, and that is no verdict."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return HUNG
