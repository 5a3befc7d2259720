"""Every word that a person meets exists in three languages, says the same thing, and is used."""

import ast
import datetime as dt
import re
import string
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldcheck import words
from fieldcheck.acts import ACTS
from fieldcheck.domain.access import Action
from fieldcheck.domain.safety import Signal
from fieldcheck.words import _, plural
from tests.hardcoded import hard_coded

HOUSE = Path(words.__file__).parent
PYTHON = sorted(HOUSE.rglob("*.py"))
POCKET = sorted((HOUSE / "web" / "pocket").rglob("*.js"))
FACES = sorted([*(HOUSE / "web").glob("*.py"), *(HOUSE / "web" / "screens").glob("*.py")])
WINGS = sorted({path.stem for path in words.LOCALES.glob("*/*.po")})
CODE = re.compile(r"[a-z_]+(\.[a-z_0-9]+)+")
ERRORS = {"FieldcheckError", "NotFound", "Forbidden", "NotNow", "Invalid", "Conflict", "TooLarge", "Busy"}
RECORDS = {"record", "write_record"}
JS_WORD = re.compile(r"""\b(?:t|tn|plural)\(\s*("(?:[^"\\]|\\.)*")(?:\s*,\s*("(?:[^"\\]|\\.)*"))?""")


@pytest.fixture(autouse=True)
def russian() -> Iterator[None]:
    words.use("ru")
    yield
    words.use("ru")


# What the code asks for


def said_by(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    said = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", None))
            if name in {"_", "plural", "mark"} and node.args and isinstance(node.args[0], ast.Constant):
                said.add(str(node.args[0].value))
    return said


def raised_by(path: Path) -> set[str]:
    raised = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", None)) in ERRORS:
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and CODE.fullmatch(str(first.value)):
                raised.add(str(first.value))
    return raised


def literals_of(path: Path) -> set[str]:
    return {
        node.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def asked() -> set[str]:
    said = set().union(*(said_by(path) | raised_by(path) for path in PYTHON))
    for path in POCKET:
        said |= {ast.literal_eval(match[1]) for match in JS_WORD.finditer(path.read_text())}
    return said


def entries(language: str) -> dict[str, list[tuple[str, tuple[str, ...], str]]]:
    """All words of a language: msgid -> [(wing, forms, plural msgid)]."""
    found: dict[str, list[tuple[str, tuple[str, ...], str]]] = {}
    for wing in WINGS:
        path = words.LOCALES / language / f"{wing}.po"
        for message in words.read(path) if path.exists() else ():
            if isinstance(message.id, tuple):
                found.setdefault(message.id[0], []).append((wing, tuple(message.string), message.id[1]))
            elif message.id:
                found.setdefault(message.id, []).append((wing, (str(message.string),), ""))
    return found


def holes(text: str) -> set[str]:
    return {name for _text, name, _spec, _how in string.Formatter().parse(text) if name is not None}


# The catalogues


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_word_that_the_code_says_has_a_translation(language: str) -> None:
    known = entries(language)

    missing = sorted(msgid for msgid in asked() if msgid not in known)
    empty = sorted(
        msgid
        for msgid, stands in known.items()
        for _wing, forms, _many in stands
        if not all(forms) and (language != "en" or CODE.fullmatch(msgid))
    )

    assert not missing, f"{language} lacks: " + "\n".join(missing)
    assert not empty, f"{language} says nothing for: " + "\n".join(empty)


def test_no_word_stands_in_a_catalogue_that_nothing_says() -> None:
    said = asked() | {text for path in PYTHON for text in literals_of(path) if CODE.fullmatch(text)}
    said |= {
        code for path in POCKET for code in re.findall(r"[\"'`]([a-z_]+(?:\.[a-z_0-9]+)+)[\"'`]", path.read_text())
    }

    unused = sorted(msgid for msgid in entries("ru") if msgid not in said)

    assert not unused, "nothing says: " + "\n".join(unused)


def test_every_language_has_the_same_entries() -> None:
    russian_ones, kazakh, english = (set(entries(language)) for language in words.LANGUAGES)

    assert russian_ones == kazakh == english


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_language_keeps_the_placeholders(language: str) -> None:
    english = entries("en")
    wrong = []
    for msgid, stands in entries(language).items():
        for _wing, forms, many in stands:
            code = CODE.fullmatch(msgid)
            source = english[msgid][0][1][0] if code and msgid in english else msgid
            expected = holes(source) | (holes(many) if many else set())
            # the singular may leave the number out ("one day"), nothing else may
            wrong += [
                f"{msgid}: {form}"
                for form in forms
                if form and holes(form) != expected and not (many and holes(form) == expected - {"n"})
            ]

    assert not wrong, "\n".join(wrong)


def test_russian_plurals_have_three_forms() -> None:
    wrong = [
        msgid for msgid, stands in entries("ru").items() for _wing, forms, many in stands if many and len(forms) != 3
    ]

    assert not wrong


@pytest.mark.parametrize(
    "path", sorted(words.LOCALES.glob("*/*.po")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_a_catalogue_holds_nothing_doubtful_or_dead(path: Path) -> None:
    catalog = words.read(path)

    assert not [message.id for message in catalog if message.id and message.fuzzy]
    assert not catalog.obsolete
    assert catalog.num_plurals == {"ru": 3, "kk": 2, "en": 2}[path.parent.name]
    assert re.findall(r'^msgid "(.+)"$', path.read_text(), re.MULTILINE) == list(
        dict.fromkeys(re.findall(r'^msgid "(.+)"$', path.read_text(), re.MULTILINE))
    )


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_two_wings_never_translate_one_word_differently(language: str) -> None:
    apart = [msgid for msgid, stands in entries(language).items() if len({forms for _wing, forms, _many in stands}) > 1]

    assert not apart


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_no_word_accuses_anybody(language: str) -> None:
    accusing = re.compile(r"взятк|взяточ|виновн|преступник|нарушител[ья]|парақор|кінәлі|қылмыскер", re.IGNORECASE)

    found = [
        form
        for stands in entries(language).values()
        for _wing, forms, _many in stands
        for form in forms
        if accusing.search(form)
    ]

    assert not found


# Speaking


def test_an_unknown_language_is_answered_in_russian() -> None:
    words.use("fr")

    assert words.language() == "ru"


def test_a_word_without_a_translation_is_said_in_english() -> None:
    assert _("no such entry, {name}", name="Alice") == "no such entry, Alice"
    assert plural("{n} such entry", "{n} such entries", 3) == "3 such entries"


def test_a_code_without_a_sentence_still_tells_what_to_do() -> None:
    assert "координатор" in words.sentence("no.such_code")
    assert "no.such_code" in words.sentence("no.such_code")


def test_a_thread_of_its_own_asks_who_is_reading() -> None:
    words.use("en")
    words.otherwise(lambda: "kk")
    heard: list[str] = []

    thread = threading.Thread(target=lambda: heard.append(words.language()))
    thread.start()
    thread.join()
    words.otherwise(lambda: None)

    assert heard == ["kk"]
    assert words.language() == "en"


def test_words_that_carry_their_translations_fall_back_to_english_then_russian() -> None:
    words.use("kk")

    assert words.pick({"ru": "да", "kk": "иә", "en": "yes"}) == "иә"
    assert words.pick({"ru": "да", "en": "yes"}) == "yes"
    assert words.pick({"ru": "да"}) == "да"
    assert words.pick({}) == ""


@pytest.mark.parametrize(
    ("language", "day", "moment", "money", "share"),
    [
        ("ru", "12 марта 2026 г.", "12 мар. 2026, 14:05", "1 234 567 ₸", "12,3%"),
        ("kk", "2026 ж. 12 наурыз", "2026 ж. 12 нау., 14:05", "1 234 567 ₸", "12,3%"),
        ("en", "12 March 2026", "12 Mar 2026, 14:05", "1,234,567 ₸", "12.3%"),
    ],
)
def test_days_moments_and_money_follow_the_language(
    language: str, day: str, moment: str, money: str, share: str
) -> None:
    words.use(language)
    noon = dt.datetime(2026, 3, 12, 9, 5, tzinfo=dt.UTC)

    said = [words.date(noon.date()), words.moment(noon), words.tenge(1_234_567), words.percent(0.1234)]

    assert [re.sub(r"\s", " ", text) for text in said] == [day, moment, money, share]


def test_half_a_day_keeps_the_minute_to_itself() -> None:
    words.use("en")

    assert words.half_day(dt.datetime(2026, 3, 11, 20, 5, tzinfo=dt.UTC)) == "12 March 2026, before noon"
    assert words.half_day(dt.datetime(2026, 3, 12, 9, 5, tzinfo=dt.UTC)) == "12 March 2026, after noon"


def test_one_wing_is_given_to_the_phone_as_plain_data() -> None:
    russian_ones, english = words.catalogue("ru", "shell"), words.catalogue("en", "shell")

    assert russian_ones["{date}, before noon"] == "{date}, до полудня"
    assert english["{date}, before noon"] == "{date}, before noon"


# No sentence stands in a screen


@pytest.mark.parametrize("path", FACES, ids=lambda path: path.name)
def test_a_screen_holds_no_sentence_of_its_own(path: Path) -> None:
    is_screen = path.parent.name == "screens" or path.name == "main.py"

    assert not hard_coded(path.read_text(), everywhere=is_screen)


@pytest.mark.parametrize(
    "source",
    [
        'st.title("Visits")',
        'st.button("Send", key="x")',
        'st.caption(f"Total: {n}")',
        'left.metric("Open", 3)',
        'st.metric(_("Open"), "three")',
        'st.tabs([_("One"), "Two"])',
        'st.error("Bad" if bad else _("Good"))',
        'st.write("Sum {}".format(3))',
        'st.write("a" + name)',
        'st.selectbox(_("Role"), ["boss", "clerk"])',
        'st.selectbox(_("Role"), roles, format_func=lambda role: "Boss")',
        'st.text_input(_("Name"), placeholder="Your name")',
        'st.text_input(label="Name")',
        'st.Page("a.py", title="Visits")',
        'st.navigation({"Work": pages})',
        'st.page_link("screens/visits.py", label="Visits")',
        'st.column_config.TextColumn("School")',
        'st.markdown("Посещения")',
        'st.markdown(":red[Late]")',
        'LABEL = "Nothing to do"\nst.title(LABEL)',
        'def page():\n    """Shows."""\n    note = "Nothing to do"',
    ],
)
def test_the_lint_sees_a_hard_coded_sentence(source: str) -> None:
    assert hard_coded(source)


@pytest.mark.parametrize(
    "source",
    [
        'st.title(_("Visits of {name}", name=name))',
        'st.caption(f"{n} / {total} · {name}")',
        'st.button(_("Send"), key="send-it", icon=":material/send:")',
        'st.write(plural("{n} day", "{n} days", n))',
        'st.selectbox(_("Role"), ["boss", "clerk"], format_func=label_of)',
        'st.markdown(f":red[{text}]")',
        'st.markdown(f"[{_(1)}](/leave)")',
        'st.page_link("screens/visits.py", label=_("Visits"))',
        'st.html("<style>body { color: red; margin: 0 auto }</style>")',
        'st.Page("screens/visits.py", title=_("Visits"), url_path="visits")',
        'log.error("the socket was closed")',
        '"""A module that shows visits."""\nLABELS = {"a": mark("Nothing to do")}',
        "st.divider()",
    ],
)
def test_the_lint_leaves_translated_words_alone(source: str) -> None:
    assert not hard_coded(source)


def recorded() -> set[str]:
    """Every action that the code writes into the record under its own name, or under one of the access table's."""
    found = set()
    for path in PYTHON:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in RECORDS:
                for said in node.args[:3]:
                    if isinstance(said, ast.Constant) and CODE.fullmatch(str(said.value)):
                        found.add(str(said.value))
                    elif isinstance(said, ast.Attribute) and getattr(said.value, "id", "") == "Action":
                        found.add(Action[said.attr].value)
    return found


def test_whoever_reads_the_record_meets_words_and_no_code() -> None:
    made_of_two = {f"visit.{signal}" for signal in Signal} | {"account.locked", "address.link.locked"}

    assert len(recorded()) > 50
    assert sorted((recorded() | made_of_two) - ACTS.keys()) == []
