import errno
import fcntl
import hashlib
import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fieldcheck.domain.errors import Busy, Conflict, FieldcheckError, Forbidden, Invalid, NotFound, TooLarge
from fieldcheck.settings import BadSettings
from fieldcheck.storage import disk, shelves
from fieldcheck.storage.photos import LARGEST, MARK, Copy, Kept, Locker, Report
from fieldcheck.storage.sealing import Keyring, make_master_key

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PHOTO = bytes(range(256)) * 40
UPLOAD = "0197b2c4-0000-7000-8000-000000000001"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def ring(home: Path) -> Keyring:
    """A keyring whose key is made when it is not there yet."""
    if not (home / "vault.key").exists():
        make_master_key(home / "vault.key")
    return Keyring(home / "vault.key")


@pytest.fixture
def locker(tmp_path: Path) -> Locker:
    return Locker(tmp_path / "photos", ring(tmp_path), reserve=0)


def where(locker: Locker, kept: Kept) -> Path:
    return locker.folder.resolve() / "orig" / kept.name[:2] / kept.name


def plain(locker: Locker, data: bytes) -> Kept:
    """Lay a photo down as it was done before photos were sealed."""
    kept = Kept(sha(data), len(data))
    where(locker, kept).parent.mkdir(parents=True, exist_ok=True)
    where(locker, kept).write_bytes(data)
    return kept


# --- the gate


@pytest.mark.parametrize(
    "upload",
    ["../../etc/passwd", "..", "", "a/b", "/etc/passwd", "a\0b", "a" * 65, "UPPER", "a.part", "a\n", "incoming-evil/x"],
)
def test_an_upload_id_cannot_name_anything_outside(locker: Locker, upload: str) -> None:
    for act in (
        lambda: locker.parts.receive(upload, 0, b"x"),
        lambda: locker.parts.received(upload),
        lambda: locker.parts.drop(upload),
        lambda: locker.finish(upload, sha(b"x"), 1),
    ):
        with pytest.raises(Forbidden, match=r"photo\.outside"):
            act()


@pytest.mark.parametrize("digest", ["../" * 21 + "x", "0" * 63, "0" * 65, "A" * 64, "g" * 64, "", "0" * 62 + "/."])
def test_a_hash_that_is_no_hash_opens_nothing(locker: Locker, digest: str) -> None:
    for act in (
        lambda: locker.finish(UPLOAD, digest, 1),
        lambda: locker.read(Kept(digest, 1)),
        lambda: locker.exists(Kept(digest, 1)),
        lambda: locker.destroy(digest),
        lambda: locker.derivative(Kept(digest, 1), Copy.VIEW),
    ):
        with pytest.raises(Forbidden, match=r"photo\.outside"):
            act()


@pytest.mark.parametrize(
    "parts", [("..", "x"), ("..", "photos-evil", "x"), ("orig", "..", "..", "x"), ("/etc/passwd",)]
)
def test_no_path_leaves_the_folder(locker: Locker, tmp_path: Path, parts: tuple[str, ...]) -> None:
    (tmp_path / "photos-evil").mkdir()

    with pytest.raises(Forbidden):
        locker.shelves.inside(*parts)


def test_a_symlinked_shelf_is_refused(locker: Locker, tmp_path: Path) -> None:
    kept = plain(locker, PHOTO)
    shelf = where(locker, kept).parent
    shelf.rename(tmp_path / "elsewhere")
    shelf.symlink_to(tmp_path / "elsewhere")

    for act in (lambda: locker.read(kept), lambda: locker.shelves.write(locker._original(kept.name), b"x")):
        with pytest.raises(Forbidden):
            act()

    assert (tmp_path / "elsewhere" / kept.name).read_bytes() == PHOTO


def test_a_symlink_in_place_of_a_file_is_not_followed(locker: Locker, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(PHOTO)
    kept = plain(locker, PHOTO)
    where(locker, kept).unlink()
    where(locker, kept).symlink_to(secret)
    (tmp_path / "photos" / "incoming").mkdir()
    (tmp_path / "photos" / "incoming" / f"{UPLOAD}.part").symlink_to(secret)

    with pytest.raises(Forbidden):
        locker.read(kept)
    with pytest.raises(Forbidden):
        locker.parts.receive(UPLOAD, len(PHOTO), b"more")

    assert secret.read_bytes() == PHOTO


def test_the_folder_itself_may_be_reached_through_a_symlink(tmp_path: Path) -> None:
    (tmp_path / "big-disk").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "big-disk")

    locker = Locker(tmp_path / "data" / "photos", ring(tmp_path), reserve=0)
    kept = locker.put(PHOTO, sha(PHOTO))

    assert (tmp_path / "big-disk" / "photos" / "orig" / kept.name[:2] / kept.name).is_file()


# --- one piece


def test_bytes_that_are_not_the_announced_ones_are_refused(locker: Locker) -> None:
    with pytest.raises(Invalid, match=r"photo\.hash"):
        locker.put(PHOTO, sha(b"other"))

    assert names(locker.folder) == []


def test_more_than_20_mb_is_refused_before_anything_is_written(locker: Locker) -> None:
    data = bytes(LARGEST + 1)

    with pytest.raises(TooLarge, match=r"photo\.too_large"):
        locker.put(data, sha(data))
    with pytest.raises(TooLarge, match=r"photo\.too_large"):
        locker.parts.receive(UPLOAD, LARGEST, b"x")

    assert names(locker.folder) == []


def test_what_is_altered_moved_or_of_another_key_is_never_given_out(locker: Locker, tmp_path: Path) -> None:
    kept, other = locker.put(PHOTO, sha(PHOTO)), locker.put(b"other", sha(b"other"))
    sealed = where(locker, kept).read_bytes()
    where(locker, kept).chmod(0o600)

    flipped, foreign = sealed[:-1] + bytes([sealed[-1] ^ 1]), where(locker, other).read_bytes()
    for bent in (flipped, sealed[:-20], b"", MARK, PHOTO, foreign):
        where(locker, kept).write_bytes(bent)
        with pytest.raises(Conflict, match=r"photo\.damaged"):
            locker.read(kept)
    where(locker, kept).write_bytes(sealed)
    for stranger in (
        Locker(locker.folder, ring(_made(tmp_path / "elsewhere"))),
        Locker(locker.folder, Keyring(tmp_path / "gone")),
    ):
        with pytest.raises(BadSettings):
            stranger.read(kept)
    with pytest.raises(BadSettings):
        locker.read(replace(kept, wrapped=other.wrapped))

    assert locker.read(kept) == PHOTO


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_without_its_key_a_photo_is_noise(locker: Locker) -> None:
    kept = locker.put(PHOTO, sha(PHOTO))
    locker.keep_derivative(kept, Copy.VIEW, PHOTO)
    erased = replace(kept, wrapped=None)

    for act in (lambda: locker.read(erased), lambda: locker.derivative(erased, Copy.VIEW)):
        with pytest.raises(NotFound, match=r"photo\.erased"):
            act()


def test_a_photo_that_is_not_there_is_missing(locker: Locker) -> None:
    kept = locker.put(PHOTO, sha(PHOTO))
    where(locker, kept).unlink()

    with pytest.raises(NotFound, match=r"photo\.missing"):
        locker.read(kept)

    assert not locker.exists(kept)


def test_a_photo_is_kept_as_it_was_received_and_read_only(locker: Locker) -> None:
    kept = locker.put(PHOTO, sha(PHOTO))
    path = where(locker, kept)

    assert (kept.sha256, kept.size) == (sha(PHOTO), len(PHOTO))
    assert (kept.stored, kept.stored_size) == (sha(path.read_bytes()), path.stat().st_size)
    assert locker.read(kept) == PHOTO
    assert path.stat().st_mode & 0o777 == 0o400
    assert names(locker.folder) == [kept.name]


def test_nothing_on_the_disk_shows_a_byte_of_the_photo(locker: Locker) -> None:
    """The control: what was laid down before photos were sealed is found by the same search."""
    canary = b"canary" * 20
    kept = locker.put(canary, sha(canary))
    locker.keep_derivative(kept, Copy.VIEW, canary)
    locker.keep_derivative(kept, Copy.THUMB, canary)
    locker.parts.receive(UPLOAD, 0, canary)
    locker.parts.receive(UPLOAD, len(canary), canary)

    def shown() -> list[str]:
        return [path.name for path in locker.folder.rglob("*") if path.is_file() and b"canary" in path.read_bytes()]

    assert len(names(locker.folder)) == 4
    assert shown() == []
    assert shown() == [] and plain(locker, canary).name in shown()


def test_a_photo_from_before_photos_were_sealed_is_read_as_ever(locker: Locker) -> None:
    kept = plain(locker, PHOTO)
    locker.keep_derivative(kept, Copy.VIEW, b"view")

    assert (locker.read(kept), locker.derivative(kept, Copy.VIEW)) == (PHOTO, b"view")
    where(locker, kept).write_bytes(PHOTO[:-1] + b"!")
    with pytest.raises(Conflict, match=r"photo\.damaged"):
        locker.read(kept)


def test_the_same_photo_twice_has_two_files_and_two_keys(locker: Locker) -> None:
    first, second = locker.put(PHOTO, sha(PHOTO)), locker.put(PHOTO, sha(PHOTO))

    locker.destroy(first.name)

    assert first.name != second.name and first.wrapped != second.wrapped
    assert locker.read(second) == PHOTO


def test_the_order_on_the_disk_is_bytes_name_folder(locker: Locker, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(256):
        locker.shelves.settle(locker._original(f"{n:02x}" * 32).parent)
    locker.shelves.settle(locker.shelves.inside("incoming"))
    told = []

    def tell(where: object, name: str) -> None:
        real = getattr(where, name)
        monkeypatch.setattr(where, name, lambda *args: told.append(name) or real(*args))

    for name in ("write_all", "sync", "sync_folder"):
        tell(shelves, name)
    tell(os, "rename")

    locker.put(PHOTO, sha(PHOTO))

    assert told == ["write_all", "sync", "rename", "sync_folder"]


# --- in parts


def test_a_part_at_the_wrong_place_is_told_where_to_go_on(locker: Locker) -> None:
    locker.parts.receive(UPLOAD, 0, PHOTO[:100])

    for offset, part in ((200, b"x"), (101, b"x"), (50, PHOTO[50:101]), (50, b"other"), (-1, b"x"), (0, PHOTO[:101])):
        with pytest.raises(Conflict, match=r"photo\.offset") as refusal:
            locker.parts.receive(UPLOAD, offset, part)
        assert refusal.value.details["received"] == 100

    assert locker.parts.received(UPLOAD) == 100


def test_an_upload_that_is_not_the_announced_photo_is_dropped(locker: Locker) -> None:
    for data, digest, size in (
        (PHOTO, sha(b"other"), len(PHOTO)),
        (PHOTO + b"x", sha(PHOTO), len(PHOTO)),
        (PHOTO, sha(PHOTO), len(PHOTO) - 1),
    ):
        locker.parts.receive(UPLOAD, 0, data)

        with pytest.raises(Invalid, match=r"photo\.hash"):
            locker.finish(UPLOAD, digest, size)

        assert locker.parts.received(UPLOAD) == 0
    assert names(locker.folder) == []


def test_an_unfinished_upload_cannot_be_finished(locker: Locker) -> None:
    locker.parts.receive(UPLOAD, 0, PHOTO[:100])

    with pytest.raises(Conflict, match=r"photo\.offset") as refusal:
        locker.finish(UPLOAD, sha(PHOTO), len(PHOTO))

    assert refusal.value.details["received"] == 100
    assert locker.parts.received(UPLOAD) == 100


def test_an_upload_never_begun_cannot_be_finished(locker: Locker) -> None:
    with pytest.raises(Conflict, match=r"photo\.offset") as refusal:
        locker.finish(UPLOAD, sha(PHOTO), len(PHOTO))

    assert refusal.value.details["received"] == 0


def test_what_the_look_refuses_gets_no_name(locker: Locker) -> None:
    def refuse(data: bytes) -> None:
        raise Invalid("photo.not_image")

    locker.parts.receive(UPLOAD, 0, PHOTO)

    with pytest.raises(Invalid, match=r"photo\.not_image"):
        locker.finish(UPLOAD, sha(PHOTO), len(PHOTO), refuse)

    assert names(locker.folder) == []


def test_a_photo_may_come_in_parts(locker: Locker) -> None:
    looked = []

    got = [locker.parts.receive(UPLOAD, at, PHOTO[at : at + 4000]) for at in range(0, len(PHOTO), 4000)]
    kept = locker.finish(UPLOAD, sha(PHOTO), len(PHOTO), looked.append)

    assert got == [4000, 8000, 10240]
    assert looked == [PHOTO]
    assert locker.read(kept) == PHOTO
    assert where(locker, kept).stat().st_mode & 0o777 == 0o400


@pytest.mark.parametrize("size", [1, 15, 16, 17, 100, 4096])
def test_parts_of_any_size_come_out_as_they_went_in(locker: Locker, size: int) -> None:
    for at in range(0, len(PHOTO), size):
        locker.parts.receive(UPLOAD, at, PHOTO[at : at + size])

    assert locker.read(locker.finish(UPLOAD, sha(PHOTO), len(PHOTO))) == PHOTO


def test_a_part_sent_again_changes_nothing(locker: Locker) -> None:
    locker.parts.receive(UPLOAD, 0, PHOTO[:100])
    locker.parts.receive(UPLOAD, 100, PHOTO[100:200])

    assert locker.parts.receive(UPLOAD, 0, PHOTO[:100]) == 200
    assert locker.parts.receive(UPLOAD, 100, PHOTO[100:200]) == 200
    assert locker.parts.receive(UPLOAD, 200, b"") == 200


def test_the_parts_stay_until_the_row_is_written_so_that_a_crash_between_costs_nothing(locker: Locker) -> None:
    locker.parts.receive(UPLOAD, 0, PHOTO)
    first = locker.finish(UPLOAD, sha(PHOTO), len(PHOTO))

    again = locker.finish(UPLOAD, sha(PHOTO), len(PHOTO))
    locker.parts.drop(UPLOAD)

    assert locker.read(first) == locker.read(again) == PHOTO
    assert locker.parts.received(UPLOAD) == 0


def test_a_part_that_waited_for_the_lock_never_lands_in_a_file_without_a_name(locker: Locker) -> None:
    locker.parts.receive(UPLOAD, 0, PHOTO)
    part = locker.folder / "incoming" / f"{UPLOAD}.part"
    refusals: list[FieldcheckError] = []

    def late() -> None:
        try:
            locker.parts.receive(UPLOAD, len(PHOTO), b"late")
        except FieldcheckError as error:
            refusals.append(error)

    with part.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = threading.Thread(target=late)
        waiting.start()
        part.unlink()
    waiting.join()

    assert [error.details["received"] for error in refusals] == [0]


# --- clean copies


def test_a_clean_copy_not_made_yet_is_missing(locker: Locker) -> None:
    with pytest.raises(NotFound, match=r"photo\.missing"):
        locker.derivative(locker.put(PHOTO, sha(PHOTO)), Copy.THUMB)


def test_clean_copies_stand_beside_the_original_and_never_touch_it(locker: Locker) -> None:
    kept = locker.put(PHOTO, sha(PHOTO))
    before = where(locker, kept).stat()

    locker.keep_derivative(kept, Copy.VIEW, b"view")
    locker.keep_derivative(kept, Copy.THUMB, b"thumb")
    locker.keep_derivative(kept, Copy.VIEW, b"view made again")

    assert locker.derivative(kept, Copy.VIEW) == b"view made again"
    assert locker.derivative(kept, Copy.THUMB) == b"thumb"
    assert where(locker, kept).stat().st_mtime_ns == before.st_mtime_ns


def test_a_thumbnail_in_the_place_of_the_view_does_not_open(locker: Locker) -> None:
    kept = locker.put(PHOTO, sha(PHOTO))
    locker.keep_derivative(kept, Copy.THUMB, b"thumb")
    thumb = locker._derivative(kept.name, Copy.THUMB)
    thumb.rename(locker._derivative(kept.name, Copy.VIEW))

    with pytest.raises(Conflict, match=r"photo\.damaged"):
        locker.derivative(kept, Copy.VIEW)


# --- a full disk


def test_nothing_is_taken_below_the_reserve(tmp_path: Path) -> None:
    locker = Locker(tmp_path / "photos", ring(tmp_path), reserve=1 << 60)

    for act in (lambda: locker.put(PHOTO, sha(PHOTO)), lambda: locker.parts.receive(UPLOAD, 0, PHOTO)):
        with pytest.raises(Busy, match=r"disk\.full"):
            act()

    assert names(tmp_path) == ["vault.key"]


def test_a_disk_that_fills_up_while_writing_leaves_nothing_half_done(locker: Locker) -> None:
    locker.parts.receive(UPLOAD, 0, PHOTO[:100])

    told = drive(locker.folder, "full")

    assert told == ["disk.full", "disk.full"]
    assert locker.parts.received(UPLOAD) == 100
    assert names(locker.folder) == [f"{UPLOAD}.part"]


# --- housekeeping


def test_the_sweep_leaves_what_is_young_or_being_written(locker: Locker) -> None:
    kept = locker.put(PHOTO, sha(PHOTO))
    incoming = locker.folder / "incoming"
    for name, age in (("old.tmp", 3 * DAY), ("live.tmp", 3 * DAY), ("old.part", 3 * DAY), ("young.part", DAY / 2)):
        (incoming / name).write_bytes(b"x")
        os.utime(incoming / name, times=((NOW - age).timestamp(),) * 2)

    with (incoming / "live.tmp").open("rb") as live:
        fcntl.flock(live, fcntl.LOCK_EX)
        gone = locker.shelves.sweep(NOW, older_than=DAY)

    assert gone == 2
    assert names(locker.folder) == sorted([kept.name, "live.tmp", "young.part"])


def test_a_locker_that_holds_nothing_yet_can_be_swept_and_compared(locker: Locker) -> None:
    assert locker.shelves.sweep(NOW, older_than=DAY) == 0
    assert locker.strays((), NOW, DAY) == []
    assert locker.reconcile({sha(PHOTO)}) == Report(missing=(sha(PHOTO),), unknown=())


def test_rows_and_files_are_compared_both_ways(locker: Locker) -> None:
    kept, orphan = (locker.put(data, sha(data)) for data in (b"kept", b"orphan"))

    report = locker.reconcile({kept.name, sha(b"gone")})

    assert report == Report(missing=(sha(b"gone"),), unknown=(orphan.name,))


def test_only_an_old_sealed_file_without_a_row_is_a_stray(locker: Locker) -> None:
    kept, old, young = (locker.put(data, sha(data)) for data in (b"kept", b"old", b"young"))
    readable = plain(locker, b"without a row, and somebody may still want it")
    for one in (kept, old, readable):
        os.utime(where(locker, one), times=((NOW - 3 * DAY).timestamp(),) * 2)
    os.utime(where(locker, young), times=(NOW.timestamp(),) * 2)

    assert locker.strays([kept.name], NOW, DAY) == [old.name]


# --- several processes, and processes that die

DRIVER = '''
import hashlib, json, os, resource, signal, sys
from pathlib import Path
from typing import Any
from fieldcheck.domain.errors import Busy, Conflict, Invalid
from fieldcheck.storage.photos import Kept, Locker
from fieldcheck.storage.sealing import Keyring, make_master_key

folder, act = Path(sys.argv[1]), sys.argv[2]
FIRST, SECOND = (bytes([n]) * 10_000 for n in (1, 2))
UPLOAD = "0197b2c4-0000-7000-8000-000000000001"
sha = lambda data: hashlib.sha256(data).hexdigest()

def put(locker, data, ack):
    ack(locker.put(data, sha(data)))

def parts(locker, data, ack):
    while (have := locker.parts.received(UPLOAD)) < len(data):
        locker.parts.receive(UPLOAD, have, data[have:have + 4000])
    ack(locker.finish(UPLOAD, sha(data), len(data)))
    locker.parts.drop(UPLOAD)

def under_its_name(locker, data, ack):      # control: writes under the final name
    def write(self, target, sealed):
        target.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(target, os.O_WRONLY | os.O_CREAT, 0o600)
        os.write(fd, sealed); os.fsync(fd); os.close(fd)
    type(locker.shelves).write = write
    put(locker, data, ack)

def ack_first(locker, data, ack):           # control: acknowledges before it has written
    write, later = type(locker.shelves).write, []
    type(locker.shelves).write = lambda self, *args: later.append(args)
    put(locker, data, ack)
    type(locker.shelves).write = write
    locker.shelves.write(*later[0])

def fork(work):
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(9)
        os._exit(0)
    return pid

def die_at(point, act, home):
    """Do it for two photos; die before the point-th call, a write being half done."""
    count, kill = 0, os.kill
    def armed(name, real):
        def call(*args, **options):
            nonlocal count
            count += 1
            if count == point:
                if name == "write":
                    real(args[0], bytes(args[1])[:len(args[1]) // 2])
                kill(os.getpid(), signal.SIGKILL)
            return real(*args, **options)
        return call
    acked = os.open(home / "acked", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    write = os.write
    told = lambda kept: {**vars(kept), "wrapped": kept.wrapped.hex()}
    ack = lambda kept: write(acked, json.dumps(told(kept)).encode() + b"\\n")
    for name in ("open", "write", "fsync", "rename", "mkdir", "unlink", "fchmod"):
        setattr(os, name, armed(name, getattr(os, name)))
    locker = Locker(home / "photos", Keyring(folder / "vault.key"), reserve=0)
    for data in (FIRST, SECOND):
        globals()[act](locker, data, ack)

def crash():
    point = 0
    make_master_key(folder / "vault.key")
    while True:
        point += 1
        home = folder / f"{point:03}"
        home.mkdir(parents=True)
        _, status = os.waitpid(fork(lambda: die_at(point, sys.argv[3], home)), 0)
        if status == 0:
            return point - 1
        assert os.WTERMSIG(status) == signal.SIGKILL, status

def race():
    make_master_key(folder / "vault.key")
    locker = Locker(folder, Keyring(folder / "vault.key"), reserve=0)
    photos = [bytes([n]) * 50_000 for n in range(12)]
    def all_of_them(turn):
        for n, data in enumerate(photos[turn:] + photos[:turn]):
            if (n + turn) % 2:
                kept = locker.put(data, sha(data))
            else:
                upload, kept = f"upload-{data[0]}", None
                while kept is None:
                    try:
                        have = locker.parts.received(upload)
                        if have < len(data):
                            locker.parts.receive(upload, have, data[have:have + 20_000])
                        else:
                            kept = locker.finish(upload, sha(data), len(data))
                    except Conflict:
                        pass
            assert locker.read(kept) == data
    children = [fork(lambda turn=turn: all_of_them(turn)) for turn in range(6)]
    return [os.waitpid(child, 0)[1] for child in children]

def full():
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))
    locker, told = Locker(folder, Keyring(folder.parent / "vault.key"), reserve=0), []
    for attempt in (lambda: locker.put(FIRST, sha(FIRST)), lambda: locker.parts.receive(UPLOAD, 100, FIRST)):
        try:
            attempt()
        except Busy as error:
            told.append(error.code)
    return told

print(json.dumps(globals()[act]()))
'''


def drive(folder: Path, *words: str):
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(folder), *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def fates(folder: Path, points: int) -> dict[str, int]:
    """Look at what each death left behind: as a restarted server would, then as the phone that sends again.

    What was acknowledged is what a row would hold. A file whose name is not the hash of its bytes is half a file.
    """
    found = {"points": points, "acked": 0, "lost": 0, "damaged": 0, "unmendable": 0, "left over": 0}
    photos = {sha(data): data for data in (b"\1" * 10_000, b"\2" * 10_000)}
    for home in (folder / f"{point:03}" for point in range(1, points + 1)):
        locker = Locker(home / "photos", Keyring(folder / "vault.key"), reserve=0)
        told = [json.loads(line) for line in (home / "acked").read_text().splitlines()]
        acked = [Kept(**one | {"wrapped": bytes.fromhex(one["wrapped"])}) for one in told]
        found["acked"] += len(acked)
        for kept in acked:
            try:
                found["damaged"] += locker.read(kept) != photos[kept.sha256]
            except NotFound:
                found["lost"] += 1
            except Conflict:
                found["damaged"] += 1
        found["damaged"] += sum(path.name != sha(path.read_bytes()) for path in (home / "photos").glob("orig/*/*"))
        again = [locker.put(data, digest) for digest, data in photos.items()]
        found["unmendable"] += sum(locker.read(kept) != photos[kept.sha256] for kept in again)
        rows = {kept.name for kept in (*acked, *again)}
        for path in (home / "photos").rglob("*"):
            if path.is_file() and path.name not in rows:
                os.utime(path, times=(0, 0))
        locker.shelves.sweep(NOW, older_than=DAY)
        for name in locker.strays(rows, NOW, DAY):
            locker.destroy(name)
        found["left over"] += len(set(names(home / "photos")) - rows)
    return found


@pytest.mark.parametrize("act", ["put", "parts"])
def test_a_process_killed_at_any_point_leaves_nothing_or_a_whole_photo(tmp_path: Path, act: str) -> None:
    points = drive(tmp_path, "crash", act)

    found = fates(tmp_path, points)

    assert points >= 25 and found["acked"] >= 10
    assert found == {**found, "lost": 0, "damaged": 0, "unmendable": 0, "left over": 0}


@pytest.mark.parametrize(("act", "fault"), [("under_its_name", "damaged"), ("ack_first", "lost")])
def test_the_crash_points_catch_a_broken_writer(tmp_path: Path, act: str, fault: str) -> None:
    points = drive(tmp_path, "crash", act)

    assert fates(tmp_path, points)[fault] > 0


def test_six_processes_may_send_the_same_photos_at_once(tmp_path: Path) -> None:
    exits = drive(tmp_path, "race")

    assert exits == [0] * 6
    assert [name for name in names(tmp_path) if name.endswith(".tmp")] == []
    assert all(path.name == sha(path.read_bytes()) for path in tmp_path.glob("orig/*/*"))


def test_a_full_disk_is_said_to_be_full_and_another_fault_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(number: int) -> Any:
        def refuse(_fd: int, _data: object) -> int:
            raise OSError(number, "no")

        return refuse

    with (tmp_path / "file").open("wb") as file:
        for number, error in ((errno.ENOSPC, Busy), (errno.EIO, OSError)):
            monkeypatch.setattr(disk.os, "write", write(number))
            with pytest.raises(error) as refused:
                disk.write_all(file.fileno(), b"bytes")
            assert isinstance(refused.value, Busy) == (number == errno.ENOSPC)
            monkeypatch.undo()
