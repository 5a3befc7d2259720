"""The console's commands for the record: its key, its anchors, its export, verifying it, retention and holds."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fieldcheck import words
from fieldcheck.domain.errors import Busy
from fieldcheck.settings import Settings, read_settings
from fieldcheck.words import _, plural


def add_to(commands: Any) -> None:
    """Add the commands to those of the console."""
    key = commands.add_parser("key", help=_("print the public key with which everybody can check the record"))
    key.set_defaults(command=print_key)

    anchor = commands.add_parser(
        "anchor", help=_("sign where the record ends today and send it out; made to be run once a day")
    )
    anchor.set_defaults(command=drop_anchor)

    export = commands.add_parser("export-record", help=_("write the whole record into a file for whoever verifies it"))
    export.add_argument("out", type=Path, metavar="OUT.zip")
    export.set_defaults(command=export_record)

    verify = commands.add_parser("verify", help=_("verify the record as it stands, or an export of it"))
    verify.add_argument("export", type=Path, nargs="?", metavar="EXPORT", help=_("an export; else what is here"))
    verify.add_argument(
        "--anchor",
        type=Path,
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE",
        help=_("heads that were sent out"),
    )
    verify.add_argument("--pub", type=Path, metavar="PEM", help=_("another public key than this installation's"))
    verify.add_argument("--photos", type=Path, metavar="FOLDER", help=_("the photos of an export"))
    verify.set_defaults(command=verify_record)

    retain = commands.add_parser("retain", help=_("erase what has been kept as long as was promised"))
    retain.add_argument("--dry-run", action="store_true", help=_("only count; erase nothing"))
    retain.set_defaults(command=retain_data)

    seal = commands.add_parser("seal", help=_("seal the photos that came before photos were sealed"))
    seal.set_defaults(command=seal_photos)

    original = commands.add_parser("original", help=_("give out one photo exactly as it was received; it is recorded"))
    original.add_argument("photo", metavar=_("PHOTO"))
    original.add_argument("out", type=Path, metavar="OUT")
    original.add_argument("--reason", required=True, metavar=_("REASON"))
    original.set_defaults(command=give_original)

    hold = commands.add_parser("hold", help=_("keep all evidence of one register entry from being erased"))
    hold.add_argument("number", metavar=_("NUMBER"))
    what = hold.add_mutually_exclusive_group(required=True)
    what.add_argument("--reason", metavar=_("REASON"))
    what.add_argument("--lift", action="store_true", help=_("lift the hold"))
    hold.set_defaults(command=hold_entry)


def print_key(_said: argparse.Namespace) -> int:
    """Print the public key; it is made on a first run."""
    from fieldcheck.usecases import record

    print(record.public_key(read_settings()), end="")
    return 0


def drop_anchor(_said: argparse.Namespace) -> int:
    """Sign the end of the record, keep it in the outbox, print it, and send it where that is set up."""
    from fieldcheck.usecases import record

    settings = read_settings()
    head, path = record.anchor(settings, datetime.now(UTC))
    text = "\n".join((
        _("On {at} the record had {seq} entries. Keep this letter: with it anybody can prove it if the record is cut "
          "short or written anew.", at=words.moment(datetime.fromisoformat(head.at)), seq=words.number(head.seq)),
        "", head.to_line(), "", record.public_key(settings).strip(),
    ))  # fmt: skip
    print(text)
    print(_("Kept in {file}.", file=path), file=sys.stderr)
    return 2 if _send_out(settings, path, text) else 0


def _send_out(settings: Settings, path: Path, text: str) -> int:
    """Send a head everywhere that is set up; gives how many ways failed."""
    from fieldcheck import post

    failed = 0
    try:
        if settings.smtp_url and settings.anchor_to:
            post.send(settings, _("Head of the record, {date}", date=path.stem), text, path)
            print(_("Sent to {to}.", to=", ".join(settings.anchor_to)), file=sys.stderr)
    except Busy as error:
        failed += _tell(error)
    try:
        if settings.tsa_url and not path.with_suffix(".tsr").exists():
            path.with_suffix(".tsr").write_bytes(post.stamp(settings.tsa_url, path.read_bytes()))
            print(_("Stamped: {file}.", file=path.with_suffix(".tsr")), file=sys.stderr)
    except Busy as error:
        failed += _tell(error)
    return failed


def _tell(error: Busy) -> int:
    print(words.sentence(error.code, error.details), file=sys.stderr)
    return 1


def export_record(said: argparse.Namespace) -> int:
    """Write the whole record into a file."""
    from fieldcheck.usecases import record

    count = record.export(read_settings(), datetime.now(UTC), said.out)
    print(plural("{n} entry is in {file}.", "{n} entries are in {file}.", count, file=said.out))
    return 0


def verify_record(said: argparse.Namespace) -> int:
    """Verify the record; 0 it holds, 1 it was tampered with, 2 could not tell."""
    from fieldcheck import verifier
    from fieldcheck.usecases import record

    settings = read_settings()
    try:
        if said.export is None:
            report = record.verify_live(settings, said.anchor)
        else:
            report = record.verify_export(settings, said.export, said.anchor, said.photos, said.pub)
    except verifier.Unreadable as error:
        print(error, file=sys.stderr)
        return 2
    print(verifier.told(report))
    return 0 if report.holds else 1


def retain_data(said: argparse.Namespace) -> int:
    """Count what the periods reach, or erase it."""
    from fieldcheck.usecases import originals, retention

    names = {"drafts": _("Never handed in"), "photos": _("Photos of what is closed"), "findings": _("Closed findings")}
    settings, now = read_settings(), datetime.now(UTC)
    shredded = None
    if said.dry_run:
        done = retention.due(settings, now)
    else:
        done, shredded = retention.apply(settings, now)
    for one in done:
        visits = plural("{n} visit", "{n} visits", one.visits)
        items = "" if said.dry_run else f", {plural('{n} item erased', '{n} items erased', one.items)}"
        print(f"{names[one.name]} ({plural('{n} day', '{n} days', one.days)}): {visits}{items}")
    if shredded is not None:
        tidied = originals.tidy(settings, now)
        print(plural("{n} file deleted.", "{n} files deleted.", shredded.files + tidied.files))
        if tidied.strays:
            print(plural("{n} file of photos has no row, and stays: is this the right database?",
                         "{n} files of photos have no row, and stay: is this the right database?",
                         tidied.strays), file=sys.stderr)  # fmt: skip
        if not shredded.is_clean:
            print(_("Somebody reads the database; run this again to clear its log."), file=sys.stderr)
            return 2
    return 0


def seal_photos(_said: argparse.Namespace) -> int:
    """Seal what lies plain, saying how far it is; 1 when a photo could not be read."""
    from fieldcheck.usecases import health, originals

    settings = read_settings()
    health.prepare(settings)
    tell = sys.stderr.isatty()

    def progress(done: int, of: int) -> None:
        if tell:
            print(f"\r{words.number(done)} / {words.number(of)}", end="" if done < of else "\n", file=sys.stderr)

    sealed = originals.seal_plain(settings, datetime.now(UTC), progress)
    print(plural("{n} photo sealed.", "{n} photos sealed.", sealed.photos))
    for sha256 in sealed.unread:
        print(_("Not there or not whole: {sha256}", sha256=sha256), file=sys.stderr)
    return 1 if sealed.unread else 0


def give_original(said: argparse.Namespace) -> int:
    """Write one original into a file, and print its hash."""
    from fieldcheck.usecases import originals

    print(originals.give_out(read_settings(), said.photo, said.reason, said.out, datetime.now(UTC)))
    return 0


def hold_entry(said: argparse.Namespace) -> int:
    """Put a register entry on hold, or lift the hold."""
    from fieldcheck.usecases import holds

    holds.from_console(read_settings(), said.number, None if said.lift else said.reason, datetime.now(UTC))
    print(_("The hold is lifted.") if said.lift else _("{number} is on hold.", number=said.number))
    return 0
