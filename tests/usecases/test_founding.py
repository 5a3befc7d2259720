"""The first day of a programme, and a checklist's new version."""

import shutil
from pathlib import Path

import pytest

from fieldcheck.domain.errors import Conflict
from fieldcheck.domain.lint import Faults
from fieldcheck.settings import Settings
from fieldcheck.usecases import checklists, founding, people, schools
from fieldcheck.usecases.work import look
from tests.story import NOW


def test_a_folder_with_faults_founds_nothing(database: Settings, tmp_path: Path) -> None:
    broken = Settings(database.data, database.database_url, tmp_path, database.url, database.secret)

    with pytest.raises(Faults):
        founding.establish(broken, "Dana", "en", NOW)

    assert founding.establish(database, "Dana", "en", NOW)


def test_a_programme_is_founded_once(database: Settings) -> None:
    founding.establish(database, "Dana", "en", NOW)

    with pytest.raises(Conflict):
        founding.establish(database, "Eve", "en", NOW)


def test_the_first_administrator_finds_regions_bodies_and_checklists(database: Settings) -> None:
    token = founding.establish(database, "Dana", "kk", NOW)

    session = people.redeem(database, token, NOW)
    dana = people.actor_by_account(database, session.person_id)
    assert dana is not None
    with look(database, dana, now=NOW) as work:
        found = (len(schools.regions(work)), len(schools.bodies(work)), len(checklists.current(work)))
    assert found == (20, 9, 6)
    assert (dana.role.value, dana.language) == ("administrator", "kk")


def test_publishing_again_publishes_nothing(database: Settings) -> None:
    founding.establish(database, "Dana", "en", NOW)

    assert founding.publish(database, database.checklists, NOW) == ()


def test_a_changed_checklist_needs_a_new_version(database: Settings, tmp_path: Path) -> None:


    founding.establish(database, "Dana", "en", NOW)
    folder = tmp_path / "checklists"
    shutil.copytree(database.checklists, folder)
    sheet = folder / "entrance_stands.yaml"
    text = sheet.read_text().replace("est_minutes: 12", "est_minutes: 13")
    sheet.write_text(text)
    with pytest.raises(Conflict) as refusal:
        founding.publish(database, folder, NOW)

    sheet.write_text(text.replace("\nversion: 2\n", "\nversion: 3\n"))
    (fresh,) = founding.publish(database, folder, NOW)

    assert refusal.value.code == "checklist.version_taken"
    assert (fresh.id, fresh.version) == ("entrance_stands", 3)
