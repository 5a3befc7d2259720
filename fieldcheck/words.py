"""The words of the interface in Russian, Kazakh and English.

Why it exists: every sentence that a person reads is written once, in English or as an error's code, and looked up here
in the reader's language. The catalogues are ordinary gettext files, one for each wing of the house, loaded together.

It refuses to guess a language from a name or a place, and it never builds a sentence out of pieces: a sentence is one
entry with ``{named}`` placeholders.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.dates import format_date, format_datetime
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from fieldcheck.settings import ZONE

LANGUAGES = ("ru", "kk", "en")
LOCALES = Path(__file__).parent / "locales"

_language: ContextVar[str | None] = ContextVar("language", default=None)
_finders: list[Callable[[], str | None]] = []


def use(language: str) -> None:
    """Speak *language* from here on, in this thread or task; an unknown one leaves Russian."""
    _language.set(language if language in LANGUAGES else "ru")


def otherwise(finder: Callable[[], str | None]) -> None:
    """Let *finder* name the language where nobody has said ``use``.

    A Streamlit callback or fragment runs in a fresh thread, before the line of the script that says ``use``.
    """
    _finders[:] = [finder]


def language() -> str:
    """Name the language spoken now."""
    said = _language.get() or next((found for finder in _finders if (found := finder())), None)
    return said if said in LANGUAGES else "ru"


def _(msgid: str, /, **values: object) -> str:
    """Say *msgid* in the language spoken now, with *values* in its placeholders."""
    text = _translations(language()).gettext(msgid)
    return text.format(**values) if values else text


def plural(one: str, many: str, n: int, /, **values: object) -> str:
    """Say the form that fits *n*; ``{n}`` in it is the number itself."""
    text = _translations(language()).ngettext(one, many, n)
    return text.format(**{"n": number(n), **values})


def mark(msgid: str) -> str:
    """Say nothing yet: *msgid* is looked up later with ``_``; the tests count it as used."""
    return msgid


def sentence(code: str, details: Mapping[str, object] | None = None) -> str:
    """Say what an error's *code* means; a detail that is not there stays as its placeholder.

    A code without a sentence gets the general one, so that no reader ever meets a bare code.
    """
    text = _translations(language()).gettext(code)
    if text == code:
        text = _("Something went wrong ({code}). Try again; if it stays so, tell your coordinator this code.")
        details = {"code": code}
    return text.format_map(_Known(details or {}))


def pick(words: Mapping[str, str]) -> str:
    """Choose from words that carry their own translations: this language, else English, else Russian."""
    return words.get(language()) or words.get("en") or words.get("ru") or next(iter(words.values()), "")


def date(day: dt.date) -> str:
    """Write a day: 12 March 2026."""
    return format_date(day, "d MMMM y" if language() == "en" else "long", locale=language())


def moment(when: dt.datetime) -> str:
    """Write a moment on the wall clock of Almaty: 12 Mar 2026, 14:05."""
    pattern = "y 'ж.' d MMM, HH:mm" if language() == "kk" else "d MMM y, HH:mm"
    return format_datetime(when.astimezone(ZONE), pattern, locale=language())


def half_day(when: dt.datetime) -> str:
    """Write no more than the day and its half: an exact minute and a school's camera would name the visitor."""
    local = when.astimezone(ZONE)
    if local.hour < 12:
        return _("{date}, before noon", date=date(local.date()))
    return _("{date}, after noon", date=date(local.date()))


def number(value: float) -> str:
    """Write a number with this language's separators."""
    return format_decimal(value, locale=language())


def tenge(value: float) -> str:
    """Write an amount of money, whole tenge."""
    return f"{format_decimal(round(value), locale=language())}\u00a0₸"


def percent(share: float) -> str:
    """Write a share of one as a percentage with at most one decimal."""
    return format_percent(share, format="#,##0.#%", locale=language())


@cache
def catalogue(language: str, wing: str) -> dict[str, str | list[str]]:
    """Give one wing's words as plain data, for the phone; a plural entry is the list of its forms."""
    words: dict[str, str | list[str]] = {}
    for message in read(LOCALES / language / f"{wing}.po"):
        forms = _forms(message)
        if isinstance(message.id, str) and message.id:
            words[message.id] = forms[0] or message.id
        elif message.id:
            one, many = message.id
            words[one] = forms if all(forms) else [one, many]
    return words


def read(path: Path) -> Catalog:
    """Read one gettext file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.name, abort_invalid=True)


class _Known(dict[str, object]):
    """Details of an error; what is not known shows as its own placeholder."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


@cache
def _translations(language: str) -> NullTranslations:
    """Chain all wings of *language*, then those of English, then the msgid itself."""
    chain = NullTranslations()
    for path in sorted((LOCALES / language).glob("*.po")):
        chain.add_fallback(_compiled(path))
    if language != "en":
        chain.add_fallback(_translations("en"))
    return chain


def _forms(message: Message) -> list[str]:
    """List what a message says: one form, or all plural forms."""
    said = message.string
    return [str(form or "") for form in said] if isinstance(said, tuple | list) else [str(said or "")]


def _compiled(path: Path) -> NullTranslations:
    catalog = read(path)
    for message in list(catalog):
        if message.id and not all(_forms(message)):
            catalog.delete(message.id)  # an empty form must fall through, not show as nothing
    binary = BytesIO()
    write_mo(binary, catalog)
    binary.seek(0)
    return GNUTranslations(binary)
