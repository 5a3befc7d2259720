"""Small pieces that several desks share: badges, answers in words, photos by address, ways from screen to screen.

People's own words are never given to Markdown here: they go through `drawing.plain` where a widget formats its label,
and to `st.text` where they stand alone. A photo is shown by its address only, so that its own lock decides who sees it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

import segno
import streamlit as st

from fieldcheck import words
from fieldcheck.domain.checklist import Question, QuestionType
from fieldcheck.domain.visit import VisitState
from fieldcheck.naming import name
from fieldcheck.settings import ZONE
from fieldcheck.usecases.people import INVITE_FOR
from fieldcheck.usecases.reports import MapPoint
from fieldcheck.usecases.review import PhotoView
from fieldcheck.usecases.schools import Named, SchoolView
from fieldcheck.web import maps, names
from fieldcheck.words import _, mark, pick, plural

SCREENS = Path(__file__).parent / "screens"
YES_NO_NA = {"yes": mark("Yes"), "no": mark("No"), "na": mark("Does not apply")}


def state_badge(state: VisitState) -> None:
    """Show a visit's state by word and colour."""
    st.badge(name("visit", state.value), color=names.STATE_COLOURS[state])


def severity_count(severity: str, count: int) -> None:
    """Show how many findings of a severity there are, by word and colour."""
    said = f"{name('severity', severity)}: {words.number(count)}"
    st.badge(said, color=names.SEVERITY_COLOURS[severity])


def metres(distance: float) -> str:
    """Write a distance: metres while they are few, kilometres after that."""
    if distance < 1000:
        return _("{n} m", n=words.number(round(distance)))
    return _("{n} km", n=words.number(round(distance / 1000, 1)))


def window(begin: datetime, end: datetime) -> str:
    """Write from when to when; the day is said once when it is the same."""
    same = begin.astimezone(ZONE).date() == end.astimezone(ZONE).date()
    return f"{words.moment(begin)} – {end.astimezone(ZONE).strftime('%H:%M') if same else words.moment(end)}"


def at(day: date, clock: time) -> datetime:
    """Take a day and a clock time of Almaty as the moment they mean."""
    return datetime.combine(day, clock, tzinfo=ZONE)


def answer_words(question: Question, value: Any) -> str:
    """Say an answer in words; none is said too."""
    if question.type in (QuestionType.PHOTO, QuestionType.INFO):
        return ""
    if value is None:
        return _("No answer")
    saying = _SAYING.get(question.type)
    return saying(question, value) if saying else str(value)


def _chosen(question: Question, value: Any) -> str:
    named = {option.id: pick(option.words) for option in question.options}
    picked: list[str] = value if isinstance(value, list) else [value]
    return "; ".join(named.get(one, one) for one in picked)


def _figure(question: Question, value: Any) -> str:
    unit = names.of(names.UNITS, question.unit) if question.unit else ""
    return f"{words.number(value)} {unit}".strip()


def _spot(_question: Question, value: Any) -> str:
    if "none" in value:
        return names.of(names.NO_PLACES, value["none"])
    return _(
        "{lat}, {lon} (within {accuracy})",
        lat=f"{value['lat']:.5f}",
        lon=f"{value['lon']:.5f}",
        accuracy=metres(value["accuracy"]),
    )


_SAYING: dict[QuestionType, Callable[[Question, Any], str]] = {
    QuestionType.YES_NO_NA: lambda _question, value: names.of(YES_NO_NA, value),
    QuestionType.SINGLE: _chosen,
    QuestionType.MULTI: _chosen,
    QuestionType.NUMBER: _figure,
    QuestionType.MONEY: lambda _question, value: words.tenge(value),
    QuestionType.DATE: lambda _question, value: words.date(date.fromisoformat(value)),
    QuestionType.DATETIME: lambda _question, value: words.moment(datetime.fromisoformat(value)),
    QuestionType.GEOPOINT: _spot,
    QuestionType.STATEMENT: lambda _question, _value: _("Confirmed"),
}


def gallery(photos: Sequence[PhotoView], below: Callable[[PhotoView], None] | None = None) -> None:
    """Show photos as thumbnails that open larger, each with when and where it was taken, and what *below* adds."""
    for first in range(0, len(photos), 3):
        for cell, photo in zip(st.columns(3), photos[first : first + 3], strict=False):
            with cell, st.container(border=True):
                _photo(photo)
                if below is not None:
                    below(photo)


def _photo(photo: PhotoView) -> None:
    if photo.state == "refused":
        st.warning(_("This file could not be opened as a photo. It is kept, and does not count."))
        return
    address = f"/api/photos/{quote(photo.id, safe='')}"
    st.markdown(f"[![{_('Photo')}]({address}/thumb)]({address}/view)")
    away = (
        _("no position") if photo.distance is None else _("{distance} from the school", distance=metres(photo.distance))
    )
    source = _("taken in the app") if photo.source == "camera" else _("chosen from a file")
    st.caption(f"{words.moment(photo.taken_at)} · {away} · {source}")
    st.caption(covered_words(photo))


def covered_words(photo: PhotoView) -> str:
    """Say what the volunteer did about faces and plates before the photo left her phone."""
    if not photo.confirmed:
        return _("She did not say that nobody is in it.")
    if not photo.boxes:
        return _("She confirmed: nobody is in it.")
    return plural(
        "{n} box over faces or plates; nobody is left.", "{n} boxes over faces or plates; nobody is left.", photo.boxes
    )


def school_label(school: SchoolView) -> str:
    """Name a school so that it can be searched by name, district or id."""
    return f"{pick(school.name)} · {pick(school.district_name)} · {school.id}"


def school_picker(schools: Sequence[SchoolView], key: str, label: str | None = None) -> str | None:
    """Let somebody pick a school by typing a part of its name, district or id; gives the id."""
    labels = {school.id: school_label(school) for school in schools}
    return st.selectbox(
        label or _("School"),
        list(labels),
        index=None,
        format_func=labels.__getitem__,
        placeholder=_("Type a part of the name, the district or the number"),
        filter_mode="contains",
        key=key,
    )


def named_picker(things: Sequence[Named], label: str, key: str, *, none: str | None = None) -> str | None:
    """Let somebody pick one of the named things; *none* words the choice of nothing."""
    found: Mapping[str | None, str] = {None: none} if none else {}
    found = {**found, **{thing.id: pick(thing.name) for thing in things}}
    return st.selectbox(label, list(found), format_func=found.__getitem__, key=key)


def schools_map(points: Sequence[MapPoint]) -> None:
    """Draw the schools that have a point: visited or not yet."""
    if points:
        maps.visits_map(points, _("Map of the schools: visited, and not visited yet"))
    else:
        st.info(_("No school has a point on the map yet."))


def counted_visits(n: int) -> str:
    """Say how many visits."""
    return plural("{n} visit", "{n} visits", n)


def link(screen: str, label: str, *, icon: str | None = None, **query: str) -> None:
    """Show a link to another screen, as wide as its words."""
    st.page_link(SCREENS / f"{screen}.py", label=label, icon=icon, width="content", query_params=query or None)


def turn(screen: str, name: str, listed: Sequence[str], here_: str) -> None:
    """Offer the thing before and after this one of a list, by button and by key; *name* is the address's field."""
    place = listed.index(here_) if here_ in listed else -1
    ways = (
        ("K", _("Previous one"), ":material/chevron_left:", place - 1),
        ("J", _("Next one"), ":material/chevron_right:", place + 1),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        for key, label, icon, where in ways:
            there = 0 <= where < len(listed)
            if st.button(label, key=f"turn-{key}", icon=icon, shortcut=key, disabled=not there):
                go(screen, **{name: listed[where]})
        if place >= 0:
            st.caption(_("{n} of {all}", n=words.number(place + 1), all=words.number(len(listed))))


def go(screen: str, **query: str) -> NoReturn:
    """Go to another screen. Never call it inside `doing()`: leaving a page that way would roll the work back."""
    st.switch_page(SCREENS / f"{screen}.py", query_params=query or None)


def tell_later(text: str) -> None:
    """Keep a sentence for the next run of any screen: what was done, after the page has changed."""
    st.session_state["told_later"] = text


def told_before() -> None:
    """Say what was kept by `tell_later`, once."""
    text = st.session_state.pop("told_later", None)
    if text:
        st.success(text, icon=":material/check:")


def hand_over(url: str, token: str) -> None:
    """Show a sign-in link once, ready to be copied, with the plain words to send along."""
    address = f"{url}/join#t={token}"
    ends = st.session_state.setdefault(f"until-{token[:6]}", datetime.now(UTC) + INVITE_FOR)
    told = _("The link works once, until {until}, and is shown only here. Send it by a private message.")
    st.write(told.format(until=words.moment(ends)))
    st.caption(_("One that was made for the same person before, and not opened, is no longer good."))
    st.code(_("Hello! Here is your list: {address}", address=address), language=None, wrap_lines=True)
    # Drawn here and put into the page itself: no address of its own holds it, and nobody else draws it.
    drawn = segno.make(address, error="m").svg_inline(scale=6, border=4, light="#fff", dark="#000")
    st.image(drawn, width=264)
    st.caption(_("Or let her point her phone's camera at it: the same link."))


def withdraw_link(code: str) -> None:
    """Show a link no longer that was made for somebody on this page and is good for nothing by now."""
    if st.session_state.get("new_link", {}).get("code") == code:
        st.session_state.pop("new_link")


def own_data() -> None:
    """Offer everything that is held about whoever is here, as a file."""
    st.subheader(_("Your data"))
    st.caption(
        _("Everything that the programme holds about you, as a file. Anybody can read it: take it where you are safe.")
    )
    st.markdown(f"[{_('Take my data')}](/api/me/data)")
