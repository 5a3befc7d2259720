"""A folder of checklists is read strictly, and each fault says which file and which line it stands in."""

import shutil
from pathlib import Path

import pytest

from fieldcheck import words
from fieldcheck.domain.lint import Faults
from fieldcheck.storage.checklist_files import LARGEST, load, read_folder
from fieldcheck.usecases.checking import report
from tests.domain.checklists import SOUND

SHIPPED = Path(__file__).parents[2] / "checklists"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the shipped reference and one sound checklist that cites it."""
    shutil.copytree(SHIPPED / "reference", tmp_path / "reference")
    sound = SOUND.replace("LAW-1", "EDU-63-1").replace("LAW-2", "EDU-63-2-2")
    (tmp_path / "lobby.yaml").write_text(sound, "utf-8")
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


BROKEN = [
    ("title: {ru", "title: {ru: [", "file.not_yaml", "line 9"),
    ("version: 1", "version: 1\nversion: 2", "file.repeated_key", "line 6"),
    ("version: 1", "version: &v 1", "file.anchor", "line 5"),
    ("version: 1", "version: *v", "file.anchor", "line 5"),
    ("version: 1", "? [a]\n: 1", "file.key_not_text", "line 5"),
    ("version: 1", "version: !!python/object/apply:os.getcwd []", "file.not_yaml", "line 5"),
]


@pytest.mark.parametrize(("old", "new", "code", "line"), BROKEN, ids=[f"{n}-{row[2]}" for n, row in enumerate(BROKEN)])
def test_yaml_that_we_do_not_take_is_named_with_its_line(
    folder: Path, old: str, new: str, code: str, line: str
) -> None:
    change(folder / "lobby.yaml", old, new)

    (fault,) = read_folder(folder).faults

    assert (fault.file, fault.code) == ("lobby.yaml", code)
    assert fault.path.startswith("line ") if code == "file.not_yaml" else fault.path == line


def test_a_file_that_is_too_large_or_not_text_is_refused_before_it_is_parsed(folder: Path) -> None:
    (folder / "large.yaml").write_bytes(b"#" * (LARGEST + 1))
    (folder / "latin.yaml").write_bytes(b"title: \xff")
    (folder / "deep.yaml").write_text("[" * 5000, "utf-8")

    faults = {fault.file: fault.code for fault in read_folder(folder).faults}

    assert faults == {"large.yaml": "file.too_large", "latin.yaml": "file.not_utf8", "deep.yaml": "file.too_deep"}


def test_a_folder_without_anything_says_what_is_missing(tmp_path: Path) -> None:
    faults = read_folder(tmp_path).faults

    assert sorted({fault.code for fault in faults}) == ["file.no_checklists", "file.unreadable"]
    assert "reference/bodies.yaml" in {fault.file for fault in faults}


def test_a_broken_reference_list_is_told_and_its_ids_are_unknown(folder: Path) -> None:
    change(folder / "reference" / "bodies.yaml", "confidence: A", "confidence: Z")

    faults = read_folder(folder).faults

    assert ("reference/bodies.yaml", "checklist.unknown_value") in [(fault.file, fault.code) for fault in faults]
    assert ("lobby.yaml", "checklist.body_unknown") in [(fault.file, fault.code) for fault in faults]


def test_two_files_cannot_hold_the_same_checklist(folder: Path) -> None:
    shutil.copy(folder / "lobby.yaml", folder / "twin.yaml")

    (fault,) = read_folder(folder).faults

    assert (fault.file, fault.code, fault.details["first"]) == ("twin.yaml", "checklist.duplicate_file", "lobby.yaml")


def test_the_faults_of_all_files_are_raised_at_once(folder: Path) -> None:
    change(folder / "lobby.yaml", "version: 1", "version: 0")
    (folder / "other.yaml").write_text("[]", "utf-8")

    with pytest.raises(Faults) as refused:
        load(folder)

    assert {fault.file for fault in refused.value.faults} == {"lobby.yaml", "other.yaml"}


def test_a_sound_folder_is_loaded(folder: Path) -> None:
    checklists, reference = load(folder)

    assert [checklist.id for checklist in checklists] == ["lobby"]
    assert reference.citations["EDU-63-2-2"].confidence == "A"
    assert reference.bodies["ACS"].as_of == "2025-06-30"


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_the_report_names_file_place_and_remedy_in_the_readers_language(folder: Path, language: str) -> None:
    change(folder / "lobby.yaml", "is: yes}]", "is: yess}]")

    text, code = report(folder, language)

    words.use("ru")
    assert code == 1
    assert "lobby.yaml, questions[LOB-02].visible_if[0].is: " in text
    assert {"ru": "Возможно, yes?", "kk": "Мүмкін, yes?", "en": "Perhaps yes?"}[language] in text
    assert {"ru": "1 ошибка", "kk": "1 қате", "en": "1 fault"}[language] in text


def test_the_report_of_a_sound_folder_ends_well(folder: Path) -> None:
    text, code = report(folder, "en")

    words.use("ru")
    assert code == 0
    assert text == "lobby: 5 questions, 2 rules, 2 examples\n\nNo faults.\n"
