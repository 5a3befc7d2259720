"""The other door: what is done at the server's own console.

Whoever stands here holds the machine, so nobody is asked to sign in; but a link is printed only where it was asked
for, and the server itself prints nothing about who comes. It holds no rule: every command calls one use-case.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from fieldcheck import archive, words
from fieldcheck.domain.errors import FieldcheckError
from fieldcheck.settings import REPOSITORY, BadSettings, Settings, read_settings, set_sign_in
from fieldcheck.words import _


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one command; gives the exit code: 0 done, 1 found something wrong, 2 could not."""
    words.use(console_language())
    said = parser().parse_args(arguments)
    try:
        return int(said.command(said))
    except FieldcheckError as error:
        print(words.sentence(error.code, error.details), file=sys.stderr)
    except BadSettings as error:
        print(error, file=sys.stderr)
    return 2


def console_language() -> str:
    """Read the language of the console from its environment; English where it is none of ours."""
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "en")
    return named[:2] if named[:2] in words.LANGUAGES else "en"


def parser() -> argparse.ArgumentParser:
    """Say which commands there are."""
    top = argparse.ArgumentParser(
        "fieldcheck", description=_("Visits that are walked on a phone and worked as a register.")
    )
    commands = top.add_subparsers(required=True, metavar=_("COMMAND"))

    demo = commands.add_parser(
        "demo", help=_("make a fictional programme where there is none; print a link for each person")
    )
    demo.set_defaults(command=make_demo)

    found = commands.add_parser("found", help=_("begin a real programme; print the first administrator's link"))
    found.add_argument("--name", required=True, help=_("the administrator's name"))
    found.add_argument("--language", choices=words.LANGUAGES, default="ru", help=_("the language to speak to them"))
    found.set_defaults(command=found_programme)

    publish = commands.add_parser("publish", help=_("publish new versions of checklists"))
    publish.add_argument("folder", type=Path, nargs="?", metavar=_("FOLDER"))
    publish.set_defaults(command=publish_checklists)

    serve = commands.add_parser("serve", help=_("serve the pages and the phone's API"))
    serve.add_argument("--port", type=int, default=8501, help=_("port to listen on"))
    serve.add_argument("--address", default="127.0.0.1", help=_("address to listen on; this machine alone by default"))
    serve.set_defaults(command=serve_pages)

    check = commands.add_parser("check", help=_("find every fault in a folder of checklists"))
    check.add_argument("folder", type=Path, metavar=_("FOLDER"))
    check.set_defaults(command=check_folder)

    invite = commands.add_parser("invite", help=_("print a link that signs one person in, once"))
    invite.add_argument("--person", required=True, metavar=_("CODE"), help=_("the person's code, such as V-1234"))
    invite.set_defaults(command=print_invite)

    access = commands.add_parser("access", help=_("print who may do what, and to which of the things"))
    access.set_defaults(command=print_access)

    reset = commands.add_parser("reset", help=_("take away a desk's password and keys; print a link to begin anew"))
    reset.add_argument("--person", required=True, metavar=_("CODE"), help=_("the person's code, such as C-104"))
    reset.add_argument("--reason", required=True, help=_("why; it is kept in the record"))
    reset.set_defaults(command=reset_sign_in)

    bind = commands.add_parser("bind", help=_("write down under which account of a provider a desk signs in"))
    bind.add_argument("--person", required=True, metavar=_("CODE"), help=_("the person's code, such as C-104"))
    bind.add_argument("--issuer", default="", help=_("the provider's issuer, such as https://id.example"))
    unchanging = _("the account's unchanging id there; without one it is taken away")
    bind.add_argument("--subject", default="", help=unchanging)
    bind.set_defaults(command=bind_identity)

    archive.add_to(commands)
    return top


def make_demo(_said: argparse.Namespace) -> int:
    """Make the demo programme, or find it; print a fresh link for each of its people."""
    from fieldcheck import demo
    from fieldcheck.usecases import health

    settings, now = read_settings(), datetime.now(UTC)
    health.prepare(settings)
    people = demo.create(settings, now)
    for person in people:
        print(f"{person.code:8} {person.role.value:14} {person.name:24} {person.link}")
    if not people:
        print(_("The programme that is here is not a demo, and stays as it is."))
    return 0


def found_programme(said: argparse.Namespace) -> int:
    """Begin a real programme in an empty database; print the link of its first administrator."""
    from fieldcheck.usecases import founding, health

    settings = read_settings()
    health.prepare(settings)
    token = founding.establish(settings, said.name, said.language, datetime.now(UTC))
    set_sign_in(settings.data, "password")  # unlike a demo's, its desks are not opened by a link alone
    print(f"{settings.url}/join#t={token}")
    return 0


def publish_checklists(said: argparse.Namespace) -> int:
    """Publish what is new in the folder of checklists, and name it."""
    from fieldcheck.usecases import founding, health

    settings = read_settings()
    health.prepare(settings)
    fresh = founding.publish(settings, said.folder or settings.checklists, datetime.now(UTC))
    for sheet in fresh:
        print(f"{sheet.id} {sheet.version}")
    if not fresh:
        print(_("Everything in the folder is published already."))
    return 0


def serve_pages(said: argparse.Namespace) -> int:
    """Serve until stopped; nothing is printed about who comes."""
    from streamlit.web import cli as streamlit

    from fieldcheck.web.sockets import stay_open

    stay_open()
    settings = read_settings()
    os.environ["STREAMLIT_SERVER_COOKIE_SECRET"] = settings.cookie_secret
    app = str(REPOSITORY / "app.py")
    print(_("Serving on {url}. Ctrl+C stops.", url=settings.url), flush=True)
    streamlit.main(
        ["run", app, "--server.port", str(said.port), "--server.address", said.address], standalone_mode=False
    )
    return 0


def check_folder(said: argparse.Namespace) -> int:
    """Print every fault of a folder of checklists, with its remedy; 1 when there is any."""
    from fieldcheck.usecases import checking

    told, faults = checking.report(said.folder, words.language())
    print(told)
    return 1 if faults else 0


def print_invite(said: argparse.Namespace) -> int:
    """Print a link that signs one person in, once."""
    print(link(read_settings(), said.person, datetime.now(UTC)))
    return 0


def print_access(_said: argparse.Namespace) -> int:
    """Print the one table of access: role, act, and how far it reaches. What is not in it is refused."""
    from fieldcheck.domain import access

    print(access.matrix(), end="")
    return 0


def reset_sign_in(said: argparse.Namespace) -> int:
    """Take away somebody's password and keys, and print a link to begin anew."""
    from fieldcheck.usecases import ways_in

    settings, now = read_settings(), datetime.now(UTC)
    ways_in.reset_from_console(settings, said.person, said.reason, now)
    print(link(settings, said.person, now))
    return 0


def bind_identity(said: argparse.Namespace) -> int:
    """Write down, or take away, somebody's account at a provider."""
    from fieldcheck.usecases import ways_in

    ways_in.bind_from_console(read_settings(), said.person, said.issuer, said.subject, datetime.now(UTC))
    return 0


def link(settings: Settings, code: str, now: datetime) -> str:
    """Make a link for whoever has *code*; the token stands behind the #, where no log sees it."""
    from fieldcheck.usecases import people

    return f"{settings.url}/join#t={people.invite_from_console(settings, code, now)}"


if __name__ == "__main__":
    sys.exit(main())
