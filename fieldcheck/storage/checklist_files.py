"""Reads a folder of checklists and its `reference/`, and says which file each fault stands in.

YAML is read strictly, because its conveniences lie to an author: `yes` stays the word yes (not true), a date stays a
text, a key written twice is a fault and not the last one wins, and there are no anchors, so that every line can be
read where it stands and no small file unfolds into a large one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from fieldcheck.domain import reference as domain_reference
from fieldcheck.domain.checklist import Checklist, parse
from fieldcheck.domain.lint import Fault, Faults, faults_of
from fieldcheck.domain.lint.reference import LISTS, reference_faults
from fieldcheck.domain.reference import Reference

LARGEST = 1_000_000  # bytes; the largest of ours is a tenth of it


@dataclass(frozen=True)
class Folder:
    """What a folder holds: checklists that may be used, and everything that is wrong or doubtful in it."""

    checklists: tuple[Checklist, ...]
    reference: Reference
    faults: tuple[Fault, ...]
    files: int


def read_folder(folder: Path) -> Folder:
    """Read every checklist of *folder*; those with a fault are left out and told of."""
    reference, faults = _read_reference(folder / "reference")
    paths = sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]) if folder.is_dir() else []
    if not paths:
        faults.append(Fault("file.no_checklists", ".", {"folder": folder.name}, file=folder.name))
    checklists: list[Checklist] = []
    seen: dict[str, str] = {}
    for path in paths:
        data, found = _read(path)
        if not found:
            found = list(faults_of(data, reference))
        if not any(not fault.warning for fault in found):
            checklist = parse(data, reference)
            if checklist.id in seen:
                found.append(Fault("checklist.duplicate_file", "id", {"id": checklist.id, "first": seen[checklist.id]}))
            else:
                seen[checklist.id] = path.name
                checklists.append(checklist)
        faults += [fault.within(path.name) for fault in found]
    return Folder(tuple(checklists), reference, tuple(faults), len(paths) + len(LISTS))


def load(folder: Path) -> tuple[tuple[Checklist, ...], Reference]:
    """Return the checklists and the reference of *folder*, or raise `Faults` with every fault of every file."""
    read = read_folder(folder)
    if any(not fault.warning for fault in read.faults):
        raise Faults(read.faults)
    return read.checklists, read.reference


def read_reference(folder: Path) -> Reference:
    """Return only the reference of *folder*, quickly; raises `Faults` if a list of it is broken."""
    reference, faults = _read_reference(folder / "reference")
    if faults:
        raise Faults(faults)
    return reference


def _read_reference(folder: Path) -> tuple[Reference, list[Fault]]:
    lists: dict[str, list[dict[str, Any]]] = {}
    faults: list[Fault] = []
    for name in LISTS:
        path = folder / f"{name}.yaml"
        data, found = _read(path)
        if not found:
            found = list(reference_faults(name, data))
        entries = data.get("entries") if isinstance(data, Mapping) and not found else []
        lists[name] = [
            {**entry, "as_of": entry.get("as_of", data["as_of"])} if isinstance(data, Mapping) else entry
            for entry in entries or []
        ]
        faults += [fault.within(f"reference/{path.name}") for fault in found]
    return (
        domain_reference.from_lists(
            lists["legal_basis"], lists["bodies"], lists["regions"], lists["glossary"], lists["joined"]
        ),
        faults,
    )


def _read(path: Path) -> tuple[Any, list[Fault]]:
    """Read one YAML file, or say why it cannot be read."""
    try:
        size = path.stat().st_size
        if size > LARGEST:
            return None, [Fault("file.too_large", ".", {"size": size, "largest": LARGEST})]
        text = path.read_text("utf-8")
    except OSError as error:
        return None, [Fault("file.unreadable", ".", {"reason": type(error).__name__})]
    except UnicodeDecodeError as error:
        return None, [Fault("file.not_utf8", ".", {"byte": error.start})]
    try:
        return yaml.load(text, Loader=StrictLoader), []  # noqa: S506 - a SafeLoader made stricter
    except _Refused as refused:
        return None, [refused.fault]
    except RecursionError:
        return None, [Fault("file.too_deep", ".")]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "."
        return None, [Fault("file.not_yaml", where, {"problem": str(getattr(error, "problem", "") or "")[:200]})]


class _Refused(Exception):
    """Valid YAML that we do not take."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


class StrictLoader(yaml.SafeLoader):
    """The YAML of checklists: no anchors, no repeated keys, no words turned into truth values or dates."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - none of the inherited ones

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refused(Fault("file.anchor", f"line {event.start_mark.line + 1 if event.start_mark else 0}"))
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _value in node.value:
            where = f"line {key.start_mark.line + 1}"
            if not isinstance(key, yaml.ScalarNode):
                raise _Refused(Fault("file.key_not_text", where))
            if key.value in seen:
                raise _Refused(Fault("file.repeated_key", where, {"key": key.value[:80]}))
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    ("float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$", "-0123456789"),
):
    StrictLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))
