"""The console says what it did, in the console's language, and links sign in."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fieldcheck import cli, words
from fieldcheck.domain.access import Role
from fieldcheck.settings import Settings, read_settings
from fieldcheck.usecases import people

HOUSE = Path(__file__).parent.parent


@pytest.fixture
def console(database: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A console in English, on an installation whose database is there and empty."""
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    monkeypatch.setenv("FIELDCHECK_DATA", str(database.data))
    monkeypatch.setenv("FIELDCHECK_DATABASE_URL", database.database_url)
    return database


@pytest.mark.usefixtures("console")
def test_a_link_for_nobody_is_refused_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.main(["invite", "--person", "V-0000"])

    told = capsys.readouterr()
    assert code == 2
    assert told.out == ""
    assert "V-0000" not in told.out
    assert told.err.strip()
    assert "Traceback" not in told.err


def test_a_secret_that_others_can_read_stops_every_command(
    console: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    (console.data / "secret").chmod(0o644)

    code = cli.main(["invite", "--person", "A-0001"])

    assert code == 2
    assert "chmod 600" in capsys.readouterr().err


def test_a_command_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["sing"])

    assert left.value.code == 2
    assert "sing" in capsys.readouterr().err


def test_a_faulty_folder_of_checklists_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken.yaml").write_text("id: [")

    code = cli.main(["check", str(tmp_path)])

    assert code == 1
    assert "broken.yaml" in capsys.readouterr().out


def test_our_own_checklists_are_sound(capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.main(["check", str(HOUSE / "checklists")])

    assert code == 0, capsys.readouterr().out


def test_an_invited_person_signs_in_by_the_printed_link(console: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    people.found(console, "Dana", "en", datetime.now(UTC))

    code = cli.main(["invite", "--person", "A-0001"])

    address, token = capsys.readouterr().out.strip().split("#t=")
    assert code == 0
    assert address == "http://localhost:8501/join"
    assert people.redeem(console, token, datetime.now(UTC)).role is Role.ADMINISTRATOR


def test_a_new_programme_has_desks_with_passwords(console: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    before = read_settings({"FIELDCHECK_DATA": str(console.data)}).sign_in.way

    cli.main(["found", "--name", "Dana"])

    assert before == "link"
    assert "#t=" in capsys.readouterr().out
    assert read_settings({"FIELDCHECK_DATA": str(console.data)}).sign_in.way == "password"
    said = {"FIELDCHECK_DATA": str(console.data), "FIELDCHECK_DESK_SIGN_IN": "link"}
    assert read_settings(said).sign_in.way == "link"


def test_a_desk_is_reset_and_bound_at_the_console(console: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    people.found(console, "Dana", "en", datetime.now(UTC))

    reset = cli.main(["reset", "--person", "A-0001", "--reason", "she lost her phone"])
    bound = cli.main(["bind", "--person", "A-0001", "--issuer", "https://id.example", "--subject", "1"])
    without = cli.main(["reset", "--person", "A-0001", "--reason", "no"])

    assert (reset, bound, without) == (0, 0, 2)
    told = capsys.readouterr()
    assert told.out.startswith("http://localhost:8501/join#t=")
    assert "The reason" in told.err


def test_the_demo_leaves_a_programme_that_is_there_as_it_is(
    console: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    people.found(console, "Dana", "en", datetime.now(UTC))

    code = cli.main(["demo"])

    assert code == 0
    assert "not a demo" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("named", "language", "said"),
    [("ru_RU.UTF-8", "ru", "чек-листами"), ("kk_KZ.UTF-8", "kk", "парақтарының"), ("C", "en", "every fault")],
)
def test_help_speaks_the_consoles_language(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], named: str, language: str, said: str
) -> None:
    monkeypatch.setenv("LC_ALL", named)

    with pytest.raises(SystemExit):
        cli.main(["--help"])

    assert words.language() == language
    assert said in capsys.readouterr().out


def test_the_table_of_access_is_printed_as_it_was_agreed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["access"]) == 0

    assert capsys.readouterr().out == (Path(__file__).parent / "golden" / "access.txt").read_text()
