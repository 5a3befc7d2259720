"""The faults of the reference lists beside the checklists: dated, with a confidence mark, in three languages."""

from collections.abc import Iterator, Mapping
from typing import Any

from fieldcheck.domain.lint.faults import Fault
from fieldcheck.domain.lint.shape import Key, anything, kind, list_of, mapping, matching, one_of, plain_words, words
from fieldcheck.domain.reference import Confidence

_text = kind("text", str)
_number = kind("number", int, float)
_as_of = matching(r"\d{4}-\d{2}(-\d{2})?")
_common = {"confidence": Key(one_of(*Confidence)), "as_of": Key(_as_of, must=False)}
_ENTRIES: dict[str, dict[str, Key]] = {
    "legal_basis": {
        "id": Key(matching(r"[A-Z][A-Z0-9-]*")),
        "act": Key(_text),
        # A norm is cited in the law's own words, also where those name a crime.
        "cite": Key(plain_words),
        "gist": Key(words),
        "edition_seen": Key(_text),
        "source": Key(_text),
        **_common,
    },
    "bodies": {"id": Key(matching(r"[A-Z][A-Z_]*")), "name": Key(words), **_common},
    "regions": {
        "kato": Key(matching(r"\d{9}")),
        "iso3166_2": Key(matching(r"KZ-\d{2}")),
        "type": Key(one_of("region", "city")),
        "name": Key(words),
        "centre": Key(words),
        "lat": Key(_number),
        "lon": Key(_number),
        "schools": Key(anything),
        "schools_source": Key(anything),
        **_common,
    },
    "joined": {
        "id": Key(matching(r"[a-z][a-z_]*")),
        "first": Key(matching(r"V-[A-Z]{3}-\d{2}")),
        "second": Key(matching(r"V-[A-Z]{3}-\d{2}")),
        "nature": Key(one_of("legal_breach", "programme_breach")),
        **_common,
    },
    "glossary": {"id": Key(matching(r"[a-z][a-z_]*")), "words": Key(words), **_common},
}
LISTS = tuple(_ENTRIES)


def reference_faults(name: str, data: Any) -> Iterator[Fault]:
    """Yield the faults of the reference list called *name*."""
    entry = mapping(_ENTRIES[name])
    yield from mapping({"as_of": Key(_as_of), "about": Key(_text), "entries": Key(list_of(entry, least=1))})(data, "")
    entries = data.get("entries") if isinstance(data, Mapping) else None
    key = "kato" if name == "regions" else "id"
    seen: set[str] = set()
    for item in entries if isinstance(entries, list) else ():
        identity = item.get(key) if isinstance(item, Mapping) else None
        if isinstance(identity, str):
            if identity in seen:
                yield Fault("checklist.duplicate_id", f"entries[{identity}]", {"id": identity})
            seen.add(identity)
