"""The locks that can be read off the house itself: every refusal in it, and every limit of its queries to what is hers.

Of each `if ...: raise` of an error of the house the whole condition is taken off, and of several that stand in one
condition each by itself; of each `where` in the rooms below every clause, and everywhere else the clause that limits to
somebody's reach. So a new lock is in the table from its first day; who must notice is said by the room it stands in,
and a test fails where a room says nobody.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOM = "tests/usecases/test_{}.py"
LOCKS, FOREIGN = "tests/security/test_locks_first.py", "tests/security/test_foreign_ids.py"
SESSIONS, PHONES = "tests/security/test_sessions.py", "tests/security/test_phones.py"
ACCOUNTS, WAYS, DEVICES = ROOM.format("accounts"), ROOM.format("ways_in"), ROOM.format("devices")
TRIES, MOVES, IDLE = ROOM.format("throttle"), ROOM.format("moves"), ROOM.format("sessions")
REVEALED, ERASED = "tests/identity/test_reveals.py", "tests/record/test_erasure.py"
RECORD, SEALED = "tests/record/test_record.py", "tests/record/test_sealed.py"
UPLOADS, API = "tests/security/test_photo_uploads.py", "tests/web/test_api.py"
PHOTOS, SIGN_IN = "tests/storage/test_photos.py", "tests/web/test_sign_in.py"
OTHERS, SMALL = ROOM.format("each_others"), "tests/security/test_small_locks.py"
CODES, MEANWHILE = "tests/security/test_two_codes.py", ROOM.format("meanwhile")
PEOPLE, READY = ROOM.format("people"), "tests/identity/test_ready.py"

#: Errors of the house that say "you may not", "there is nothing for you", or "not now".
REFUSALS = {"Forbidden", "NotFound", "NotNow", "Conflict", "Clash", "Busy"}
#: In these rooms what is said wrongly is refused for safety too.
STRICT = {
    "accounts", "devices", "ways_in", "moves", "people", "erasure", "reveals", "seasons", "identities", "sessions",
    "throttle", "own_data", "providers", "rescue", "originals", "holds", "safety", "sign_in", "api_device", "photos",
    "parts", "shelves", "images", "rescue_key", "sealing", "vault",
}  # fmt: skip
#: Who must notice when a refusal of a room is taken off.
ROOMS: dict[str, tuple[str, ...]] = {
    "usecases/accounts.py": (OTHERS, ACCOUNTS, MEANWHILE),
    "usecases/cases.py": (FOREIGN, ROOM.format("register")),
    "usecases/casework.py": (FOREIGN, ROOM.format("register")),
    "usecases/checklists.py": (FOREIGN, API, "tests/usecases/test_founding.py"),
    "usecases/consent.py": (READY,),
    "usecases/devices.py": (SMALL, OTHERS, DEVICES, MEANWHILE),
    "usecases/dispatch.py": (FOREIGN, ROOM.format("dispatch")),
    "usecases/erasure.py": (ERASED,),
    "usecases/endings.py": (ROOM.format("sync"), FOREIGN),
    "usecases/evidence.py": (SMALL, ROOM.format("evidence"), FOREIGN, UPLOADS),
    "usecases/health.py": (ROOM.format("doors"), API),
    "usecases/holds.py": (ERASED, FOREIGN),
    "usecases/letters.py": ("tests/web/test_sealed.py",),
    "usecases/moves.py": (MOVES, OTHERS),
    "usecases/originals.py": (SEALED,),
    "usecases/people.py": (OTHERS, PEOPLE, FOREIGN, ACCOUNTS, SESSIONS, WAYS, "tests/identity/test_seasons.py", CODES),
    "usecases/planning.py": (ROOM.format("planning"),),
    "usecases/providers.py": (SMALL, "tests/web/test_provider.py"),
    "usecases/quiz.py": (READY,),
    "usecases/record.py": (RECORD,),
    "usecases/register.py": (FOREIGN, ROOM.format("register")),
    "usecases/register_export.py": (ROOM.format("register"),),
    "usecases/rescue.py": (SMALL, ROOM.format("rescue")),
    "usecases/reveals.py": (REVEALED,),
    "usecases/review.py": (ROOM.format("review"), FOREIGN),
    "usecases/safety.py": (SMALL, ROOM.format("safety"), FOREIGN),
    "usecases/schools.py": (ROOM.format("schools"), FOREIGN),
    "usecases/sync.py": (ROOM.format("sync"), FOREIGN),
    "usecases/texts.py": ("tests/record/test_texts_sealed.py", FOREIGN),
    "usecases/visits.py": (FOREIGN,),
    "usecases/ways_in.py": (OTHERS, WAYS, FOREIGN),
    "usecases/work.py": (LOCKS, SMALL, "tests/usecases/test_locks.py", FOREIGN),
    "web/api.py": (API,),
    "web/api_device.py": (PHONES,),
    "web/here.py": ("tests/security/test_screens.py",),
    "web/sign_in.py": (SMALL, SIGN_IN),
    "storage/account_queries.py": (OTHERS, ACCOUNTS, WAYS, MEANWHILE),
    "storage/device_queries.py": (OTHERS, DEVICES, PHONES, MEANWHILE),
    "storage/heap_queries.py": (ROOM.format("visit_list"), ROOM.format("today")),
    "storage/people_queries.py": (
        ROOM.format("sessions"), SMALL, PEOPLE, "tests/identity/test_seasons.py", RECORD, FOREIGN, SESSIONS, ACCOUNTS,
        WAYS,
    ),
    "storage/throttle_queries.py": (SMALL, TRIES),
    "storage/reveal_queries.py": (REVEALED,),
    "storage/programme_queries.py": (ROOM.format("planning"), FOREIGN, ROOM.format("schools")),
    "storage/register_queries.py": (
        "tests/storage/test_register_queries.py", SMALL, FOREIGN, ROOM.format("register"),
    ),
    "storage/report_queries.py": (SMALL, ROOM.format("reports"), "tests/identity/test_release.py"),
    "storage/revisit_queries.py": (SMALL, ROOM.format("revisits"),),
    "storage/school_list_queries.py": (ROOM.format("schools"),),
    "storage/spots.py": (ROOM.format("reports"), ROOM.format("schools"), "tests/identity/test_release.py"),
    "storage/visit_queries.py": (FOREIGN, ROOM.format("today")),
    "storage/parts.py": (PHOTOS,),
    "storage/photos.py": (PHOTOS, SEALED),
    "storage/shelves.py": (PHOTOS,),
    "storage/images.py": ("tests/storage/test_images.py",),
    "storage/rescue_key.py": (ROOM.format("rescue"), "tests/web/test_sealed.py"),
    "storage/disk.py": (PHOTOS,),
    "storage/turns.py": ("tests/storage/test_turns.py",),
}
#: Here every clause of every `where` is a lock.
QUERIES = ("account_queries", "device_queries", "people_queries", "throttle_queries", "reveal_queries")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
TRUE = '__import__("sqlalchemy").true()'


@dataclass(frozen=True)
class Found:
    """A lock that stands in *file* from byte *at*: *old* becomes *new*, and *tests* must notice."""

    name: str
    file: str
    at: int
    old: str
    new: str
    tests: tuple[str, ...]


def found(house: Path) -> Iterator[Found]:
    """Read all of them off the house."""
    return (one for one in every(house) if one.name not in HARMLESS)


def every(house: Path) -> Iterator[Found]:
    """Read them off the house, those too that are no lock."""
    for folder in ("usecases", "web", "storage"):
        for path in sorted((house / "fieldcheck" / folder).glob("*.py")):
            yield from _in_file(f"{folder}/{path.name}", path)


def _in_file(file: str, path: Path) -> Iterator[Found]:
    text, tree = path.read_text(), ast.parse(path.read_text())
    for place in (tree, *(node for node in ast.walk(tree) if isinstance(node, FUNCTIONS))):
        for node, new in _locks(place, path.stem):
            old, at = ast.get_source_segment(text, node) or "", _offset(text, node)
            name = f"{file} {getattr(place, 'name', '')}: {' '.join(ast.unparse(node).split())}"
            yield Found(name, file, at, old, new, NOTICED.get(name) or ROOMS.get(file, ()))


def _locks(function: ast.AST, room: str) -> Iterator[tuple[ast.expr, str]]:
    for node in _own(function):
        if isinstance(node, ast.If) and _refuses(node, room):
            yield node.test, "False"
            if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.Or):
                yield from ((part, "False") for part in node.test.values if not _is_absence(part))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "where":
            yield from ((clause, TRUE) for clause in node.args if room in QUERIES or _reaches(clause))


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """Walk what stands in a function and not in one within it."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, FUNCTIONS):
            yield child
            yield from _own(child)


def _refuses(node: ast.If, room: str) -> bool:
    calls = [one.exc for one in node.body if isinstance(one, ast.Raise) and isinstance(one.exc, ast.Call)]
    raised = {getattr(call.func, "id", "") for call in calls}
    return bool(raised & REFUSALS) or (room in STRICT and bool(raised & {"Invalid", "TooLarge"}))


def _is_absence(part: ast.expr) -> bool:
    """Say whether it asks for what is not there at all: without it the next line breaks, and opens nothing."""
    return isinstance(part, ast.Compare) and isinstance(part.ops[0], ast.Is)


def _reaches(clause: ast.expr) -> bool:
    return any(
        isinstance(node, ast.Call) and getattr(node.func, "id", "").endswith(("_within", "_reached"))
        for node in ast.walk(clause)
    )


def _offset(text: str, node: ast.expr) -> int:
    lines = text.splitlines(keepends=True)
    before = lines[node.lineno - 1].encode()[: node.col_offset].decode()
    return sum(len(line) for line in lines[: node.lineno - 1]) + len(before)


#: Another who notices than the room says.
NOTICED: dict[str, tuple[str, ...]] = {}
#: What is no lock: taken off, it opens nothing to anybody, and why.
_ABSENT = "what is not there breaks the next line, or gives an empty answer"
_SECOND = "the reach of the action holds no others"
HARMLESS: dict[str, str] = {
    "usecases/cases.py _there: finding is None": _ABSENT,
    "usecases/cases.py _school: school is None or region is None": _ABSENT,
    "usecases/checklists.py load: row is None": _ABSENT,
    "usecases/erasure.py _open: order is None": _ABSENT,
    "usecases/erasure.py _erase_person: not there": _ABSENT,
    "usecases/erasure.py _erase_evidence: visit is None": _ABSENT,
    "usecases/evidence.py _mine: row is None": _ABSENT,
    "usecases/register.py open_cases: visit is None": _ABSENT,
    "usecases/record.py trace: not lines": _ABSENT,
    "usecases/reveals.py _decide: row is None": _ABSENT,
    "usecases/safety.py _take: region is None": _ABSENT,
    "usecases/safety.py follow_up: what not in ('alarm', 'overdue', 'stopped')": _ABSENT,
    "usecases/dispatch.py assign: person.role != Role.VOLUNTEER": _SECOND,
    "usecases/health.py schema: at is None or at != database.newest_revision()": "it says that the server is ready",
    "usecases/health.py schema: at != database.newest_revision()": "it says that the server is ready",
    "usecases/ways_in.py _identify: len(issuer) > 300": "an address that is too long is in no list",
    "usecases/texts.py open_original: digest not in {walked.digest for walked in visit_queries.walked(work.session, "
    "[visit_id])[visit_id]}": "of another checklist the visit has no answer, and the next refusal says so",
    "usecases/texts.py open_original: isinstance(answer.value, Sealed)": "rows read with the key come opened; without "
    "it an ellipsis would be shown",
    "web/api_device.py unlock: not cookie": "the gate lets nobody in without a cookie",
    "web/api_device.py pin: not cookie": "the gate lets nobody in without a cookie",
    "storage/school_list_queries.py names: schools_within(reach)": "what is found by a name is limited once more",
    "storage/people_queries.py revoke: col(SignedIn.revoked_at).is_(None)": "a session that is over already ends anew",
    "storage/people_queries.py forget_invites: col(Invite.used_at).is_(None)": "a link that was used opens nothing, "
    "whether it is kept or not",
    "storage/shelves.py inside: '\\x00' in part": "the system itself refuses such a name",
    "storage/account_queries.py stands: col(Credential.person_id) == judged.person_id": "a hash is salted: no "
    "other row holds the same",
    "storage/device_queries.py end: lives": "a session that is over already is ended anew",
    "storage/device_queries.py count_try: col(Device.ended_at).is_(None)": "whoever asks looked at it before",
    "storage/device_queries.py count_try: col(Device.pin).is_not(None)": "what is kept of no PIN is none",
}
