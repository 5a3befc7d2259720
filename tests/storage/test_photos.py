import fcntl
import hashlib
import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fieldcheck.domain.errors import Busy, Conflict, FieldcheckError, Forbidden, Invalid, NotFound, TooLarge
from fieldcheck.storage import photos
from fieldcheck.storage.photos import LARGEST, Copy, Locker, Report

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PHOTO = bytes(range(256)) * 40
UPLOAD = "0197b2c4-0000-7000-8000-000000000001"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def locker(tmp_path: Path) -> Locker:
    return Locker(tmp_path / "photos", reserve=0)


# --- the gate


@pytest.mark.parametrize(
    "upload",
    ["../../etc/passwd", "..", "", "a/b", "/etc/passwd", "a\0b", "a" * 65, "UPPER", "a.part", "a\n", "incoming-evil/x"],
)
def test_an_upload_id_cannot_name_anything_outside(locker: Locker, upload: str) -> None:
    for act in (
        lambda: locker.receive(upload, 0, b"x"),
        lambda: locker.received(upload),
        lambda: locker.drop(upload),
        lambda: locker.finish(upload, sha(b"x"), 1),
    ):
        with pytest.raises(Forbidden, match=r"photo\.outside"):
            act()


@pytest.mark.parametrize("digest", ["../" * 21 + "x", "0" * 63, "0" * 65, "A" * 64, "g" * 64, "", "0" * 62 + "/."])
def test_a_hash_that_is_no_hash_opens_nothing(locker: Locker, digest: str) -> None:
    for act in (
        lambda: locker.put(b"x", digest),
        lambda: locker.read(digest),
        lambda: locker.exists(digest),
        lambda: locker.derivative(digest, Copy.VIEW),
    ):
        with pytest.raises(Forbidden, match=r"photo\.outside"):
            act()


@pytest.mark.parametrize(
    "parts", [("..", "x"), ("..", "photos-evil", "x"), ("orig", "..", "..", "x"), ("/etc/passwd",)]
)
def test_no_path_leaves_the_folder(locker: Locker, tmp_path: Path, parts: tuple[str, ...]) -> None:
    (tmp_path / "photos-evil").mkdir()

    with pytest.raises(Forbidden):
        locker._inside(*parts)


def test_a_symlinked_shelf_is_refused(locker: Locker, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "photos" / "orig").mkdir(parents=True)
    (tmp_path / "photos" / "orig" / sha(PHOTO)[:2]).symlink_to(tmp_path / "elsewhere")

    with pytest.raises(Forbidden):
        locker.put(PHOTO, sha(PHOTO))

    assert names(tmp_path / "elsewhere") == []


def test_a_symlink_in_place_of_a_file_is_not_followed(locker: Locker, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(PHOTO)
    shelf = tmp_path / "photos" / "orig" / sha(PHOTO)[:2]
    shelf.mkdir(parents=True)
    (shelf / sha(PHOTO)).symlink_to(secret)
    (tmp_path / "photos" / "incoming").mkdir()
    (tmp_path / "photos" / "incoming" / f"{UPLOAD}.part").symlink_to(secret)

    with pytest.raises(Forbidden):
        locker.read(sha(PHOTO))
    with pytest.raises(Forbidden):
        locker.receive(UPLOAD, len(PHOTO), b"more")

    assert secret.read_bytes() == PHOTO


def test_the_folder_itself_may_be_reached_through_a_symlink(tmp_path: Path) -> None:
    (tmp_path / "big-disk").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "big-disk")

    stored = Locker(tmp_path / "data" / "photos", reserve=0).put(PHOTO, sha(PHOTO))

    assert stored.path.is_relative_to((tmp_path / "big-disk").resolve())


# --- one piece


def test_bytes_that_are_not_the_announced_ones_are_refused(locker: Locker) -> None:
    with pytest.raises(Invalid, match=r"photo\.hash"):
        locker.put(PHOTO, sha(b"other"))

    assert not locker.exists(sha(PHOTO))


def test_more_than_20_mb_is_refused_before_anything_is_written(locker: Locker) -> None:
    data = bytes(LARGEST + 1)

    with pytest.raises(TooLarge, match=r"photo\.too_large"):
        locker.put(data, sha(data))
    with pytest.raises(TooLarge, match=r"photo\.too_large"):
        locker.receive(UPLOAD, LARGEST, b"x")

    assert names(locker.folder) == []


def test_a_photo_is_kept_as_it_was_received_and_read_only(locker: Locker) -> None:
    stored = locker.put(PHOTO, sha(PHOTO))

    assert (stored.sha256, stored.size) == (sha(PHOTO), len(PHOTO))
    assert locker.read(sha(PHOTO)) == PHOTO
    assert stored.path == locker.folder.resolve() / "orig" / sha(PHOTO)[:2] / sha(PHOTO)
    assert stored.path.stat().st_mode & 0o777 == 0o400
    assert names(locker.folder) == [sha(PHOTO)]


def test_the_same_photo_sent_again_is_not_written_again(locker: Locker) -> None:
    first = locker.put(PHOTO, sha(PHOTO)).path.stat()

    again = locker.put(PHOTO, sha(PHOTO)).path.stat()

    assert (again.st_ino, again.st_mtime_ns) == (first.st_ino, first.st_mtime_ns)


def test_a_name_is_not_trusted_before_its_bytes_are_compared(locker: Locker) -> None:
    path = locker.put(PHOTO, sha(PHOTO)).path
    path.chmod(0o600)
    path.write_bytes(PHOTO[:100])

    locker.put(PHOTO, sha(PHOTO))

    assert locker.read(sha(PHOTO)) == PHOTO


def test_altered_bytes_are_never_given_out(locker: Locker) -> None:
    path = locker.put(PHOTO, sha(PHOTO)).path
    path.chmod(0o600)
    path.write_bytes(PHOTO[:-1] + b"!")

    with pytest.raises(Conflict, match=r"photo\.damaged"):
        locker.read(sha(PHOTO))


def test_a_photo_that_is_not_there_is_missing(locker: Locker) -> None:
    with pytest.raises(NotFound, match=r"photo\.missing"):
        locker.read(sha(PHOTO))

    assert not locker.exists(sha(PHOTO))


def test_the_order_on_the_disk_is_bytes_name_folder(locker: Locker, monkeypatch: pytest.MonkeyPatch) -> None:
    locker.put(b"first", sha(b"first"))
    locker._settle(locker._original(sha(PHOTO)).parent)
    told = []

    def tell(where: object, name: str) -> None:
        real = getattr(where, name)
        monkeypatch.setattr(where, name, lambda *args: told.append(name) or real(*args))

    for name in ("write_all", "sync", "sync_folder"):
        tell(photos, name)
    tell(os, "rename")

    locker.put(PHOTO, sha(PHOTO))

    assert told == ["write_all", "sync", "rename", "sync_folder"]


# --- in parts


def test_a_part_at_the_wrong_place_is_told_where_to_go_on(locker: Locker) -> None:
    locker.receive(UPLOAD, 0, PHOTO[:100])

    for offset, part in ((200, b"x"), (101, b"x"), (50, PHOTO[50:101]), (50, b"other"), (-1, b"x"), (0, PHOTO[:101])):
        with pytest.raises(Conflict, match=r"photo\.offset") as refusal:
            locker.receive(UPLOAD, offset, part)
        assert refusal.value.details["received"] == 100

    assert locker.received(UPLOAD) == 100


def test_an_upload_that_is_not_the_announced_photo_is_dropped(locker: Locker) -> None:
    for data, digest, size in (
        (PHOTO, sha(b"other"), len(PHOTO)),
        (PHOTO + b"x", sha(PHOTO), len(PHOTO)),
        (PHOTO, sha(PHOTO), len(PHOTO) - 1),
    ):
        locker.receive(UPLOAD, 0, data)

        with pytest.raises(Invalid, match=r"photo\.hash"):
            locker.finish(UPLOAD, digest, size)

        assert locker.received(UPLOAD) == 0
    assert names(locker.folder) == []


def test_an_unfinished_upload_cannot_be_finished(locker: Locker) -> None:
    locker.receive(UPLOAD, 0, PHOTO[:100])

    with pytest.raises(Conflict, match=r"photo\.offset") as refusal:
        locker.finish(UPLOAD, sha(PHOTO), len(PHOTO))

    assert refusal.value.details["received"] == 100
    assert locker.received(UPLOAD) == 100


def test_an_upload_never_begun_cannot_be_finished(locker: Locker) -> None:
    with pytest.raises(Conflict, match=r"photo\.offset") as refusal:
        locker.finish(UPLOAD, sha(PHOTO), len(PHOTO))

    assert refusal.value.details["received"] == 0


def test_what_the_look_refuses_gets_no_name(locker: Locker) -> None:
    def refuse(data: bytes) -> None:
        raise Invalid("photo.not_image")

    locker.receive(UPLOAD, 0, PHOTO)

    with pytest.raises(Invalid, match=r"photo\.not_image"):
        locker.finish(UPLOAD, sha(PHOTO), len(PHOTO), refuse)

    assert names(locker.folder) == []


def test_a_photo_may_come_in_parts(locker: Locker) -> None:
    looked = []

    got = [locker.receive(UPLOAD, at, PHOTO[at : at + 4000]) for at in range(0, len(PHOTO), 4000)]
    stored = locker.finish(UPLOAD, sha(PHOTO), len(PHOTO), looked.append)

    assert got == [4000, 8000, 10240]
    assert looked == [PHOTO]
    assert locker.read(sha(PHOTO)) == PHOTO
    assert stored.path.stat().st_mode & 0o777 == 0o400
    assert names(locker.folder) == [sha(PHOTO)]


def test_a_part_sent_again_changes_nothing(locker: Locker) -> None:
    locker.receive(UPLOAD, 0, PHOTO[:100])
    locker.receive(UPLOAD, 100, PHOTO[100:200])

    assert locker.receive(UPLOAD, 0, PHOTO[:100]) == 200
    assert locker.receive(UPLOAD, 100, PHOTO[100:200]) == 200
    assert locker.receive(UPLOAD, 200, b"") == 200


def test_finishing_again_after_a_lost_answer_gives_the_same_answer(locker: Locker) -> None:
    locker.receive(UPLOAD, 0, PHOTO)
    first = locker.finish(UPLOAD, sha(PHOTO), len(PHOTO))

    assert locker.finish(UPLOAD, sha(PHOTO), len(PHOTO)) == first
    assert locker.received(UPLOAD) == 0


def test_an_upload_of_a_photo_already_kept_leaves_no_second_file(locker: Locker) -> None:
    inode = locker.put(PHOTO, sha(PHOTO)).path.stat().st_ino
    locker.receive(UPLOAD, 0, PHOTO)

    stored = locker.finish(UPLOAD, sha(PHOTO), len(PHOTO))

    assert stored.path.stat().st_ino == inode
    assert names(locker.folder) == [sha(PHOTO)]


def test_a_part_that_waited_for_the_lock_never_lands_in_an_original(locker: Locker) -> None:
    locker.receive(UPLOAD, 0, PHOTO)
    part = locker.folder / "incoming" / f"{UPLOAD}.part"
    refusals: list[FieldcheckError] = []

    def late() -> None:
        try:
            locker.receive(UPLOAD, len(PHOTO), b"late")
        except FieldcheckError as error:
            refusals.append(error)

    with part.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = threading.Thread(target=late)
        waiting.start()
        target = locker.folder / "orig" / sha(PHOTO)[:2] / sha(PHOTO)
        target.parent.mkdir(parents=True)
        part.rename(target)
    waiting.join()

    assert [error.details["received"] for error in refusals] == [0]
    assert locker.read(sha(PHOTO)) == PHOTO


# --- clean copies


def test_a_clean_copy_not_made_yet_is_missing(locker: Locker) -> None:
    with pytest.raises(NotFound, match=r"photo\.missing"):
        locker.derivative(sha(PHOTO), Copy.THUMB)


def test_clean_copies_stand_beside_the_original_and_never_touch_it(locker: Locker) -> None:
    before = locker.put(PHOTO, sha(PHOTO)).path.stat()

    locker.keep_derivative(sha(PHOTO), Copy.VIEW, b"view")
    locker.keep_derivative(sha(PHOTO), Copy.THUMB, b"thumb")
    locker.keep_derivative(sha(PHOTO), Copy.VIEW, b"view made again")

    assert locker.derivative(sha(PHOTO), Copy.VIEW) == b"view made again"
    assert locker.derivative(sha(PHOTO), Copy.THUMB) == b"thumb"
    assert locker.put(PHOTO, sha(PHOTO)).path.stat().st_mtime_ns == before.st_mtime_ns


# --- a full disk


def test_nothing_is_taken_below_the_reserve(tmp_path: Path) -> None:
    locker = Locker(tmp_path / "photos", reserve=1 << 60)

    for act in (lambda: locker.put(PHOTO, sha(PHOTO)), lambda: locker.receive(UPLOAD, 0, PHOTO)):
        with pytest.raises(Busy, match=r"disk\.full"):
            act()

    assert names(tmp_path) == []


def test_a_disk_that_fills_up_while_writing_leaves_nothing_half_done(locker: Locker) -> None:
    locker.receive(UPLOAD, 0, PHOTO[:100])

    told = drive(locker.folder, "full")

    assert told == ["disk.full", "disk.full"]
    assert locker.received(UPLOAD) == 100
    assert names(locker.folder) == [f"{UPLOAD}.part"]


# --- housekeeping


def test_the_sweep_leaves_what_is_young_or_being_written(locker: Locker) -> None:
    locker.put(PHOTO, sha(PHOTO))
    incoming = locker.folder / "incoming"
    for name, age in (("old.tmp", 3 * DAY), ("live.tmp", 3 * DAY), ("old.part", 3 * DAY), ("young.part", DAY / 2)):
        (incoming / name).write_bytes(b"x")
        os.utime(incoming / name, times=((NOW - age).timestamp(),) * 2)

    with (incoming / "live.tmp").open("rb") as live:
        fcntl.flock(live, fcntl.LOCK_EX)
        gone = locker.sweep(NOW, older_than=DAY)

    assert gone == 2
    assert names(locker.folder) == sorted([sha(PHOTO), "live.tmp", "young.part"])


def test_a_locker_that_holds_nothing_yet_can_be_swept_and_compared(locker: Locker) -> None:
    assert locker.sweep(NOW, older_than=DAY) == 0
    assert locker.reconcile({sha(PHOTO)}) == Report(missing=(sha(PHOTO),), unknown=())


def test_rows_and_files_are_compared_both_ways(locker: Locker) -> None:
    for data in (b"kept", b"orphan"):
        locker.put(data, sha(data))

    report = locker.reconcile({sha(b"kept"), sha(b"gone")})

    assert report == Report(missing=(sha(b"gone"),), unknown=(sha(b"orphan"),))


# --- several processes, and processes that die

DRIVER = '''
import hashlib, json, os, resource, signal, sys
from pathlib import Path
from fieldcheck.domain.errors import Busy, Conflict, Invalid
from fieldcheck.storage.photos import Locker

folder, act = Path(sys.argv[1]), sys.argv[2]
FIRST, SECOND = (bytes([n]) * 10_000 for n in (1, 2))
UPLOAD = "0197b2c4-0000-7000-8000-000000000001"
sha = lambda data: hashlib.sha256(data).hexdigest()

def put(locker, data, ack):
    locker.put(data, sha(data)); ack(data)

def parts(locker, data, ack):
    while (have := locker.received(UPLOAD)) < len(data):
        locker.receive(UPLOAD, have, data[have:have + 4000])
    locker.finish(UPLOAD, sha(data), len(data)); ack(data)

def under_its_name(locker, data, ack):      # control: writes under the final name
    target = locker._original(sha(data))
    target.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(target, os.O_WRONLY | os.O_CREAT, 0o600)
    os.write(fd, data); os.fsync(fd); os.close(fd); ack(data)

def ack_first(locker, data, ack):           # control: acknowledges before it has written
    ack(data); locker.put(data, sha(data))

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
    ack = lambda data: write(acked, sha(data).encode() + b"\\n")
    for name in ("open", "write", "fsync", "rename", "mkdir", "unlink", "fchmod"):
        setattr(os, name, armed(name, getattr(os, name)))
    locker = Locker(home / "photos", reserve=0)
    for data in (FIRST, SECOND):
        globals()[act](locker, data, ack)

def crash():
    point = 0
    while True:
        point += 1
        home = folder / f"{point:03}"
        home.mkdir(parents=True)
        _, status = os.waitpid(fork(lambda: die_at(point, sys.argv[3], home)), 0)
        if status == 0:
            return point - 1
        assert os.WTERMSIG(status) == signal.SIGKILL, status

def race():
    locker = Locker(folder, reserve=0)
    photos = [bytes([n]) * 50_000 for n in range(12)]
    def all_of_them(turn):
        for n, data in enumerate(photos[turn:] + photos[:turn]):
            if (n + turn) % 2:
                locker.put(data, sha(data))
                continue
            upload = f"upload-{data[0]}"
            while True:
                try:
                    have = locker.received(upload)
                    if have < len(data):
                        locker.receive(upload, have, data[have:have + 20_000])
                    else:
                        locker.finish(upload, sha(data), len(data))
                        break
                except Conflict:
                    if locker.exists(sha(data)):
                        break
    children = [fork(lambda turn=turn: all_of_them(turn)) for turn in range(6)]
    return [os.waitpid(child, 0)[1] for child in children], [sha(data) for data in photos]

def full():
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))
    locker, told = Locker(folder, reserve=0), []
    for attempt in (lambda: locker.put(FIRST, sha(FIRST)), lambda: locker.receive(UPLOAD, 100, FIRST)):
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
    """Look at what each death left behind: as a restarted server would, then as the phone that sends again."""
    found = {"points": points, "acked": 0, "lost": 0, "damaged": 0, "unmendable": 0, "left over": 0}
    photos = {sha(data): data for data in (b"\1" * 10_000, b"\2" * 10_000)}
    for home in (folder / f"{point:03}" for point in range(1, points + 1)):
        locker = Locker(home / "photos", reserve=0)
        acked = (home / "acked").read_text().split()
        found["acked"] += len(acked)
        for digest, data in photos.items():
            try:
                locker.read(digest)
            except NotFound:
                found["lost"] += digest in acked
            except Conflict:
                found["damaged"] += 1
            locker.put(data, digest)
            found["unmendable"] += locker.read(digest) != data
        for path in (home / "photos").glob("incoming/*"):
            os.utime(path, times=(0, 0))
        locker.sweep(NOW, older_than=DAY)
        found["left over"] += len(names(home / "photos")) - len(photos)
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
    exits, digests = drive(tmp_path, "race")

    locker = Locker(tmp_path, reserve=0)
    assert exits == [0] * 6
    assert [sha(locker.read(digest)) for digest in digests] == digests
    assert [name for name in names(tmp_path) if name.endswith(".tmp")] == []
