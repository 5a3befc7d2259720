"""The environment is read once, and a secret that others could know is refused."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fieldcheck.settings import BadSettings, read_settings


@pytest.mark.parametrize("url", ["localhost:8501", "ftp://school.example", "https://"])
def test_an_address_that_no_browser_opens_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadSettings, match="FIELDCHECK_URL"):
        read_settings({"FIELDCHECK_DATA": str(tmp_path), "FIELDCHECK_URL": url})


@pytest.mark.parametrize("secret", ["", "short", "a" * 64])
def test_a_secret_that_can_be_guessed_is_refused(tmp_path: Path, secret: str) -> None:
    path = tmp_path / "secret"
    path.write_text(secret)
    path.chmod(0o600)

    with pytest.raises(BadSettings, match="too short or too plain"):
        read_settings({"FIELDCHECK_DATA": str(tmp_path)})


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    read_settings({"FIELDCHECK_DATA": str(tmp_path)})
    (tmp_path / "secret").chmod(mode)

    with pytest.raises(BadSettings, match="chmod 600"):
        read_settings({"FIELDCHECK_DATA": str(tmp_path)})


def test_the_first_run_makes_a_secret_that_stays(tmp_path: Path) -> None:
    first = read_settings({"FIELDCHECK_DATA": str(tmp_path)})

    again = read_settings({"FIELDCHECK_DATA": str(tmp_path)})

    assert len(first.secret) >= 32
    assert again == first
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert first.secret not in repr(first)


def test_two_processes_that_start_at_once_share_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _n: read_settings({"FIELDCHECK_DATA": str(tmp_path)}).secret, range(16)))

    assert len(set(made)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_an_empty_environment_runs_on_this_machine_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    settings = read_settings({})

    assert settings.data == tmp_path / "data"
    assert settings.database_url == f"sqlite:///{tmp_path / 'data' / 'fieldcheck.db'}"
    assert settings.photos == tmp_path / "data" / "photos"
    assert settings.checklists.name == "checklists"
    assert (settings.url, settings.host, settings.is_secure) == ("http://localhost:8501", "localhost", False)


def test_everything_can_be_said_by_the_environment(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "FIELDCHECK_DATA": str(tmp_path / "kept"),
            "FIELDCHECK_DATABASE_URL": "postgresql+psycopg://fieldcheck@db/fieldcheck",
            "FIELDCHECK_CHECKLISTS": str(tmp_path / "asked"),
            "FIELDCHECK_URL": "https://notes.example/",
        }
    )

    assert settings.data == tmp_path / "kept"
    assert settings.database_url.startswith("postgresql+psycopg://")
    assert settings.checklists == tmp_path / "asked"
    assert (settings.url, settings.host, settings.is_secure) == ("https://notes.example", "notes.example", True)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("FIELDCHECK_DESK_SIGN_IN", "telepathy"),
        ("FIELDCHECK_DESK_IDLE_MINUTES", "0"),
        ("FIELDCHECK_SIGN_IN_TRIES", "3"),
        ("FIELDCHECK_SIGN_IN_LOCK_MINUTES", "for ever"),
    ],
)
def test_how_desks_sign_in_is_said_so_that_it_can_be_meant(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(BadSettings, match=name):
        read_settings({"FIELDCHECK_DATA": str(tmp_path), name: said})


def test_how_desks_sign_in_has_defaults(tmp_path: Path) -> None:
    told = read_settings({"FIELDCHECK_DATA": str(tmp_path)}).sign_in

    assert (told.way, told.tries, told.idle.seconds, told.locked_for.seconds) == ("link", 10, 1800, 900)
