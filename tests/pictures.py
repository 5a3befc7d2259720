"""Pictures of every screen, for eyes: `python -m tests.pictures FOLDER [--readme] [--only WHAT] [--language ru]`.

Makes a demo programme and an empty one, serves them, and photographs what each role sees at 390 and 1280 wide in three
languages (`tests/gallery.py` lists the screens); with --readme only the README's own, into FOLDER.
"""

import argparse
from pathlib import Path

from tests import gallery, studio


def main() -> None:
    """Take the pictures that were asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--readme", action="store_true")
    asked.add_argument("--only", default="", metavar="WHAT", help="a pattern: only screens whose name fits")
    asked.add_argument("--language", default="ru,kk,en", metavar="ru,kk")
    said = asked.parse_args()
    said.folder.mkdir(parents=True, exist_ok=True)
    if said.readme:
        with studio.studio(studio.a_demo) as here:
            for_readme(here, said.folder)
        return
    gallery.show(said.folder, said.only, tuple(said.language.split(",")))


def for_readme(here: studio.Studio, folder: Path) -> None:
    """Take the README's pictures."""
    studio.phone(here, "en", folder)
    with here.sitting("coordinator", "en", studio.DESK) as page:
        fresh = f"school={here.ids['fresh']}&sheets={here.ids['sheet']}"
        studio.shoot(page, f"{here.settings.url}/assign?{fresh}", folder / "assign.png")
        studio.shoot(page, f"{here.settings.url}/plan?take=again", folder / "plan.png")
        studio.shoot(page, here.settings.url, folder / "today.png")
        studio.shoot(page, f"{here.settings.url}/check?visit={here.ids['submitted']}", folder / "check.png")
    with here.sitting("reviewer", "en", studio.DESK) as page:
        studio.shoot(page, f"{here.settings.url}/case?case={here.ids['case']}", folder / "case.png")
        studio.shoot(page, f"{here.settings.url}/register", folder / "register.png")
        studio.shoot(page, here.settings.url, folder / "figures.png")


if __name__ == "__main__":
    main()
