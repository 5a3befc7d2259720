"""Reads the briefing's quiz and consent form: `briefing/` beside the checklists, or the house's own.

They stand in a folder of their own because they are no checklists; read once a process, as strictly as those.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from fieldcheck.domain.briefing import ConsentForm, Quiz, consent_from, quiz_from
from fieldcheck.domain.errors import Invalid
from fieldcheck.settings import REPOSITORY
from fieldcheck.storage.checklist_files import StrictLoader


@lru_cache(maxsize=4)
def quiz(checklists: Path) -> Quiz:
    """Read the season's quiz."""
    return quiz_from(_read(_folder(checklists) / "quiz.yaml"))


@lru_cache(maxsize=4)
def consent_form(checklists: Path) -> ConsentForm:
    """Read the consent form."""
    return consent_from(_read(_folder(checklists) / "consent.yaml"))


def _folder(checklists: Path) -> Path:
    own = checklists / "briefing"
    return own if own.is_dir() else REPOSITORY / "checklists" / "briefing"


def _read(path: Path) -> Mapping[str, Any]:
    try:
        data = yaml.load(path.read_text("utf-8"), Loader=StrictLoader)  # noqa: S506 - a SafeLoader made stricter
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        data = None
    if not isinstance(data, Mapping):
        raise Invalid("briefing.malformed", where=path.name)
    return data
