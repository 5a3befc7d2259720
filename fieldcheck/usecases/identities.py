"""Who somebody is: kept in the vault, read by the coordinator of the region, and every reading of it recorded.

Everywhere else a person is a code. Dispatch asks here and learns yes or no, never what a conflict is or with whom.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fieldcheck.domain.access import Action, Scope
from fieldcheck.domain.geo import Point
from fieldcheck.storage import people_queries, record_queries
from fieldcheck.storage.vault import CONFLICT, IDENTITY, Vault
from fieldcheck.usecases.work import Work, permits

#: Whom the vault knows a person to have been in earlier seasons, and to be now.
BEFORE, AFTER = "before", "after"
#: Within this time after it was recorded, opening the list again is the same reading.
ONE_READING = timedelta(hours=1)


@dataclass(frozen=True)
class Tie:
    """A declared conflict of interest: with one school or a whole district."""

    id: str
    kind: str
    school_id: str | None
    district: str | None


@dataclass(frozen=True)
class Identity:
    """Who a person is, for the coordinator whose work that is."""

    name: str
    phone: str
    has_home: bool
    ties: tuple[Tie, ...]
    #: She has another code by now: this one is an earlier season's.
    is_renewed: bool = False


@dataclass(frozen=True)
class Standing:
    """What dispatch may know: where she sets out from, yes or no about one school, and whom she was before."""

    home: Point | None
    tied_to_school: bool
    tied_to_district: bool
    before: tuple[str, ...] = ()
    #: She has another code by now, and only finishes under this one.
    is_renewed: bool = False


@permits(Action.IDENTITY_READ)
def read(work: Work) -> Mapping[str, Identity]:
    """Open who the people within reach are, by their ids; recorded, so it cannot be done in passing.

    The same people are one reading within the hour; those of another region, or the staff, are another.
    """
    if not work.is_kept:
        raise RuntimeError("an identity cannot be read where no record of it would stay")
    reach = work.reach(Action.IDENTITY_READ)
    ids = [person.id for person in people_queries.people(work.session, reach)]
    # By how far she reaches and not by where she is: an administrator who has a region reads the staff all the same.
    whose = str(reach.region) if reach.scope is Scope.REGION else "staff"
    last = record_queries.last_time(work.session, work.actor.code, Action.IDENTITY_READ.value, whose)
    if last is None or work.now - datetime.fromisoformat(last) >= ONE_READING:
        work.record(Action.IDENTITY_READ, whose, people=len(ids))
    who, ties = work.vault.items(IDENTITY, ids), work.vault.items(CONFLICT, ids)
    return {id_: _identity(who[id_][id_], ties.get(id_, {})) for id_ in ids if id_ in who}


def _identity(said: Mapping[str, Any], ties: Mapping[str, Mapping[str, Any]]) -> Identity:
    bound = (Tie(id_, tie["kind"], tie["school"], tie["district"]) for id_, tie in ties.items())
    return Identity(said["name"], said["phone"], said["home"] is not None, tuple(bound), AFTER in said)


# For use-cases only: each is called behind a lock, with the vault of that work.


def keep(vault: Vault, person_id: str, name: str, phone: str = "", home: Point | None = None) -> None:
    """Put into the vault who a person is; her home only to about a kilometre: enough for a distance, not for a door."""
    where = [round(home.lat, 2), round(home.lon, 2)] if home else None
    vault.put(person_id, person_id, IDENTITY, {"name": name.strip(), "phone": phone.strip(), "home": where})


def renew(vault: Vault, old: str, new: str, new_id: Callable[[], str]) -> None:
    """Let a person be somebody new: what the vault knows of her goes along, and which she was before; nowhere else."""
    said = vault.items(IDENTITY, [old]).get(old, {}).get(old)
    if said is None:  # erased
        return
    vault.put(new, new, IDENTITY, {**said, BEFORE: [*said.get(BEFORE, ()), old]})
    for tie_id, tie in vault.items(CONFLICT, [old]).get(old, {}).items():
        vault.put(new, new_id(), CONFLICT, tie)
        vault.remove(tie_id)
    vault.put(old, old, IDENTITY, {**said, AFTER: new})


def everyone_she_was(vault: Vault, person_id: str) -> tuple[str, ...]:
    """Give all under which a person is known, in this season and in others, the one asked for among them."""
    newest, said = person_id, vault.items(IDENTITY, [person_id]).get(person_id, {}).get(person_id, {})
    while AFTER in said:
        newest = said[AFTER]
        said = vault.items(IDENTITY, [newest]).get(newest, {}).get(newest, {})
    return tuple(sorted({*said.get(BEFORE, ()), newest, person_id}))


def renewed(vault: Vault, people_ids: Sequence[str]) -> set[str]:
    """Say which of these are codes of an earlier season."""
    return {id_ for id_, said in vault.items(IDENTITY, people_ids).items() if AFTER in said.get(id_, {})}


def bind(vault: Vault, person_id: str, tie: Tie) -> None:
    """Put a conflict of interest into the vault."""
    vault.put(person_id, tie.id, CONFLICT, {"kind": tie.kind, "school": tie.school_id, "district": tie.district})


def bound_person(vault: Vault, tie_id: str) -> str | None:
    """Say whose conflict of interest this is."""
    return vault.owner(CONFLICT, tie_id)


def names(vault: Vault, people_ids: Sequence[str]) -> dict[str, str]:
    """Give the names of people: for the console and for a reveal that two people agreed to."""
    return {id_: said[id_]["name"] for id_, said in vault.items(IDENTITY, people_ids).items()}


def one(vault: Vault, person_id: str) -> tuple[str, str]:
    """Give one person's name and phone; empty where she was erased."""
    said = vault.items(IDENTITY, [person_id]).get(person_id, {}).get(person_id, {"name": "", "phone": ""})
    return said["name"], said["phone"]


def standings(vault: Vault, people_ids: Sequence[str], school_id: str, district: str) -> dict[str, Standing]:
    """Say of each person what dispatch may know for one school."""
    who, ties = vault.items(IDENTITY, people_ids), vault.items(CONFLICT, people_ids)

    def standing(id_: str) -> Standing:
        home = who.get(id_, {}).get(id_, {}).get("home")
        bound = list(ties.get(id_, {}).values())
        return Standing(
            Point(home[0], home[1]) if home else None,
            any(tie["school"] == school_id for tie in bound),
            any(tie["district"] == district for tie in bound),
            tuple(who.get(id_, {}).get(id_, {}).get(BEFORE, ())),
            AFTER in who.get(id_, {}).get(id_, {}),
        )

    return {id_: standing(id_) for id_ in people_ids}
