"""`fieldcheck check FOLDER`: read a folder of checklists and tell its author everything that is wrong, at once.

It needs no actor and no database: a checklist is checked before any programme knows it. Warnings are told and fail
nothing.
"""

from collections.abc import Iterable
from pathlib import Path

from fieldcheck import words
from fieldcheck.domain.lint import Fault
from fieldcheck.storage.checklist_files import Folder, read_folder
from fieldcheck.words import _, plural


def report(folder: Path, language: str) -> tuple[str, int]:
    """Return what *language* says about *folder*, and 1 if anything in it is a fault, else 0."""
    words.use(language)
    read = read_folder(folder)
    faults = [fault for fault in read.faults if not fault.warning]
    warnings = [fault for fault in read.faults if fault.warning]
    lines = [*_sound(read)]
    lines += _listed(_("Faults"), faults)
    lines += _listed(_("Warnings"), warnings)
    counted = plural("{n} fault", "{n} faults", len(faults)) if faults else _("No faults.")
    lines += ["", counted]
    if warnings:
        lines.append(plural("{n} warning", "{n} warnings", len(warnings)))
    return "\n".join(lines).strip() + "\n", 1 if faults else 0


def told(fault: Fault) -> str:
    """Say one fault: its file, its place, what is wrong, what to do, and the word that was probably meant."""
    sentence = words.sentence(fault.code, fault.details)
    meant = fault.details.get("near")
    where = {"file": fault.file, "path": fault.path, "sentence": sentence}
    if meant:
        return _("{file}, {path}: {sentence} Perhaps {near}?", near=meant, **where)
    return _("{file}, {path}: {sentence}", **where)


def _sound(read: Folder) -> Iterable[str]:
    for checklist in read.checklists:
        yield _(
            "{name}: {questions} questions, {rules} rules, {examples} examples",
            name=checklist.id,
            questions=len(checklist.questions),
            rules=len(checklist.rules),
            examples=len(checklist.examples),
        )


def _listed(heading: str, faults: list[Fault]) -> list[str]:
    return ["", heading, *(told(fault) for fault in faults)] if faults else []
