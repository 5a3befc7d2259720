"""Takes in what a rescue file held, as /api would have: the same messages, the same use-cases, as the volunteer.

One thing that cannot be taken never stops the others; what came in before is recognised by its id.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from fieldcheck.domain.errors import FieldcheckError
from fieldcheck.settings import Settings
from fieldcheck.usecases import evidence
from fieldcheck.usecases.rescue import Item, Rescued
from fieldcheck.web import carrying
from fieldcheck.web.messages import AnswerIn

APP = "file"


@dataclass
class Fed:
    """What became of a file: how many of each kind are here now, and why others are not."""

    here: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)


def feed(settings: Settings, rescued: Rescued) -> Fed:
    """Take everything in, one by one, in the order in which a visit goes."""
    fed = Fed()
    for item in rescued.items:
        try:
            _take(settings, rescued, item)
            fed.here[item.kind] += 1
        except FieldcheckError as error:
            fed.refused.append((item.kind, error.code, error.details))
        except ValidationError:
            fed.refused.append((item.kind, "request.malformed", {"where": item.kind}))
    return fed


def _take(settings: Settings, rescued: Rescued, item: Item) -> None:
    her, phone_now = rescued.volunteer, datetime.now(UTC) + rescued.gap
    if item.kind == "photo":
        sent = carrying.photo(str(item.body.get("id")), item.body, phone_now)
        evidence.take_part(settings, her, item.visit_id, sent, 0, item.data)
    elif item.kind == "answer":
        one = AnswerIn.model_validate(item.body)
        (taken,) = carrying.answers(settings, her, item.visit_id, phone_now, APP, APP, [one])
        if taken.error is not None:
            raise taken.error
    else:
        carrying.word(settings, her, item, phone_now)
