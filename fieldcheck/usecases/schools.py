"""The programme's ground: regions, bodies, campaigns and schools."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fieldcheck.domain.access import Action
from fieldcheck.domain.errors import Invalid, NotFound
from fieldcheck.domain.geo import Point
from fieldcheck.storage import programme_queries as programme
from fieldcheck.storage.tables import Body, Campaign, Region, School
from fieldcheck.usecases import register
from fieldcheck.usecases.work import Work, permits

OWNERSHIPS = ("kgu_state_institution", "kgp_phv_state_enterprise", "private")
_LANGUAGES = frozenset({"ru", "kk", "en"})


@dataclass(frozen=True)
class SchoolForm:
    """A school as somebody writes it down. Names and addresses are {ru, kk} and may have en."""

    id: str
    region: str
    district: str
    district_name: Mapping[str, str]
    name: Mapping[str, str]
    address: Mapping[str, str]
    ownership: str
    point: Point | None = None
    pupils: int | None = None
    source: str = ""


@dataclass(frozen=True)
class SchoolView:
    """A school as the desk sees it. *visits* counts its accepted visits as far as they are told."""

    id: str
    region: str
    district: str
    district_name: Mapping[str, str]
    name: Mapping[str, str]
    address: Mapping[str, str]
    ownership: str
    point: Point | None
    pupils: int | None
    visits: int


@dataclass(frozen=True)
class Named:
    """Something with an id and a name in three languages; *note* is an order's reference or empty."""

    id: str
    name: Mapping[str, str]
    note: str = ""


@permits(Action.REGION_WRITE)
def put_region(
    work: Work, region_id: str, iso: str, name: Mapping[str, str], centre: Point, order_ref: str | None = None
) -> None:
    """Add a region or correct it. *order_ref* names its order on collections, None when none is on file."""
    _words("region.name", name)
    row = Region(id=region_id, iso=iso, name=dict(name), lat=centre.lat, lon=centre.lon, order_ref=order_ref)
    work.session.merge(row)
    work.record(Action.REGION_WRITE, region_id, order_ref=order_ref)


@permits(Action.BODY_WRITE)
def put_body(
    work: Work,
    body_id: str,
    name: Mapping[str, str],
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> None:
    """Add a responsible body or correct it; bodies are renamed and dissolved, so each is valid for a time."""
    _words("body.name", name)
    work.session.merge(Body(id=body_id, name=dict(name), valid_from=valid_from, valid_to=valid_to))
    work.record(Action.BODY_WRITE, body_id)


@permits(Action.CAMPAIGN_WRITE)
def put_campaign(
    work: Work, campaign_id: str, name: Mapping[str, str], starts_at: datetime, ends_at: datetime
) -> None:
    """Add a campaign or correct it."""
    _words("campaign.name", name)
    if ends_at <= starts_at:
        raise Invalid("campaign.ends_before_start")
    work.session.merge(Campaign(id=campaign_id, name=dict(name), starts_at=starts_at, ends_at=ends_at))
    work.record(Action.CAMPAIGN_WRITE, campaign_id)


@permits(Action.SCHOOL_WRITE)
def put_schools(work: Work, forms: Sequence[SchoolForm]) -> int:
    """Add schools or correct them, all or none; gives how many."""
    known = {region.id for region in programme.regions(work.session)}
    for form in forms:
        _check(form, known)
    renamed = []
    for form in forms:
        before = work.session.get(School, form.id)
        if before and (before.name, before.district_name) != (dict(form.name), dict(form.district_name)):
            renamed.append(before)
        work.session.merge(
            School(
                id=form.id,
                region_id=form.region,
                district=form.district,
                district_name=dict(form.district_name),
                name=dict(form.name),
                address=dict(form.address),
                ownership=form.ownership,
                lat=form.point.lat if form.point else None,
                lon=form.point.lon if form.point else None,
                pupils=form.pupils,
                source=form.source,
                checked_at=work.now,
            )
        )
    for school in renamed:  # the register finds its entries by the name that the school has now
        register.rename_school(work, school)
    work.record(Action.SCHOOL_WRITE, "schools", count=len(forms))
    return len(forms)


def _check(form: SchoolForm, regions: set[str]) -> None:
    if form.region not in regions:
        raise Invalid("school.region", school=form.id, region=form.region)
    if form.ownership not in OWNERSHIPS:
        raise Invalid("school.ownership", school=form.id, ownership=form.ownership)
    if form.point and not (-90 <= form.point.lat <= 90 and -180 <= form.point.lon <= 180):
        raise Invalid("school.point", school=form.id)
    if form.pupils is not None and form.pupils < 0:
        raise Invalid("school.pupils", school=form.id)
    for words in (form.name, form.address, form.district_name):
        if not words.get("ru", "").strip() or not words.get("kk", "").strip():
            raise Invalid("school.words", school=form.id)


def _words(code: str, words: Mapping[str, str]) -> None:
    if any(not words.get(language, "").strip() for language in _LANGUAGES):
        raise Invalid(code)


@permits(Action.SCHOOL_LIST)
def schools(work: Work, district: str | None = None) -> tuple[SchoolView, ...]:
    """List the schools within the actor's reach."""
    rows = programme.schools(work.session, work.reach(Action.SCHOOL_LIST), district)
    return tuple(view(row, visits) for row, visits in rows)


@permits(Action.SCHOOL_LIST)
def school(work: Work, school_id: str) -> SchoolView:
    """Show one school within the actor's reach."""
    row = programme.school(work.session, work.reach(Action.SCHOOL_LIST), school_id)
    if row is None:
        raise NotFound("school.not_found")
    return view(row, 0)


def view(row: School, visits: int) -> SchoolView:
    """Show a school; for use-cases only."""
    point = Point(row.lat, row.lon) if row.lat is not None and row.lon is not None else None
    return SchoolView(
        row.id,
        row.region_id,
        row.district,
        row.district_name,
        row.name,
        row.address,
        row.ownership,
        point,
        row.pupils,
        visits,
    )


@permits(Action.BODY_LIST)
def bodies(work: Work) -> tuple[Named, ...]:
    """List the bodies valid now."""
    rows = programme.bodies(work.session)
    return tuple(
        Named(row.id, row.name)
        for row in rows
        if not (row.valid_from and row.valid_from > work.now) and not (row.valid_to and row.valid_to < work.now)
    )


@permits(Action.CAMPAIGN_LIST)
def campaigns(work: Work) -> tuple[Named, ...]:
    """List the campaigns, newest first."""
    return tuple(Named(row.id, row.name) for row in programme.campaigns(work.session))


@permits(Action.ACCOUNT_LANGUAGE)
def regions(work: Work) -> tuple[Named, ...]:
    """List the regions: public knowledge, for whoever is signed in."""
    return tuple(Named(row.id, row.name, row.order_ref or "") for row in programme.regions(work.session))
