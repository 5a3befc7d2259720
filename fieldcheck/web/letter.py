"""A draft of the letter to a body: what was seen, on what ground, what is asked and by when. It accuses nobody.

It is a page to print or to copy into the agency's own form, in the language of the body, never finished: number,
day and signature are the agency's. It tells no more of the visit than its week, and cites only
norms that are not merely recalled.
"""

from collections.abc import Iterable
from html import escape

from fieldcheck.domain import release
from fieldcheck.naming import name
from fieldcheck.usecases.case_views import AnswerSeen, CaseView
from fieldcheck.web.drawing import half_day
from fieldcheck.web.seen_words import said
from fieldcheck.words import _, language, mark, pick

TERMS = {
    "working_days": mark("Please tell us what you found and what was done within {n} working days of this letter."),
    "calendar_days": mark("Please tell us what you found and what was done within {n} days of this letter."),
    "hours": mark("Please tell us within {n} hours what you found and what was done: it cannot wait."),
}
_STYLE = (
    "body{font:12pt/1.5 'Times New Roman',Times,serif;color:#000;background:#fff;max-width:17cm;margin:1.5cm auto;"
    "padding:0 1rem}h1{font-size:14pt;text-align:center}h2{font-size:12pt;margin:1.2em 0 .3em}p{margin:.5em 0}"
    ".to{margin-left:50%}.line{display:flex;gap:2rem;margin:2rem 0}.hint{background:#fff6dd;border:1px solid #e6c667;"
    "padding:.6rem 1rem;font-family:system-ui,sans-serif;font-size:10pt}dt{font-style:italic}dd{margin:0 0 .6em 1.2em}"
    "@media print{.hint{display:none}body{margin:0 auto}}@page{margin:2cm}"
)


def page(view: CaseView) -> str:
    """Write the draft as a page of its own."""
    parts = [
        _hint(view),
        f'<p class="to">{escape(pick(view.body or view.suggested_body))}</p>',
        _line(_("No. __________"), _("Date __________")),
        f"<h1>{escape(_('On what was seen at {school}', school=pick(view.school.name)))}</h1>",
        *_paragraphs(_opening(view)),
        f"<h2>{escape(_('What was seen'))}</h2>",
        f"<dl>{''.join(_answer(answer) for answer in view.answers)}</dl>",
        *_grounds(view),
        f"<h2>{escape(_('What we ask'))}</h2>",
        *_paragraphs(_asked(view)),
        _line(_("Position, signature __________")),
    ]
    return (
        f'<!doctype html><html lang="{language()}"><meta charset="utf-8"><title>{escape(view.number)}</title>'
        f"<style>{_STYLE}</style><body>{''.join(parts)}</body></html>"
    )


def _line(*blanks: str) -> str:
    return f'<div class="line">{"".join(f"<span>{escape(blank)}</span>" for blank in blanks)}</div>'


def _hint(view: CaseView) -> str:
    told = [_("A draft. Read it, put it into your form, add number, day and signature. This box is not printed.")]
    left_out = [pick(norm.cite) for norm in view.legal_basis if norm.wants_lawyer]
    if left_out:
        told.append(_("Left out because nobody has read them yet: {norms}.", norms="; ".join(left_out)))
    if view.restricted:
        told.append(_("This entry is restricted: do not pass it on outside the agency."))
    return f'<div class="hint">{"".join(_paragraphs(told))}</div>'


def _opening(view: CaseView) -> Iterable[str]:
    where = ", ".join(pick(part) for part in (view.school.region, view.school.district, view.school.address))
    yield _(
        "School: {school} ({where}). Our entry: {number}.",
        school=pick(view.school.name),
        where=where,
        number=view.number,
    )
    week = half_day(release.week_of(view.visited)) if _is_day(view.visited) else half_day(view.visited)
    yield _("Civic monitoring noted a sign: “{sign}”.", sign=pick(view.title))
    if view.visited:
        yield _("When: {week}.", week=week)
    yield _("A sign is no established breach. Whether there is one, and who answers for it, is for you to check.")


def _is_day(visited: str) -> bool:
    return bool(visited) and "W" not in visited


def _answer(answer: AnswerSeen) -> str:
    return f"<dt>{escape(pick(answer.question))}</dt><dd>{escape(said(answer, coarse=True))}</dd>"


def _grounds(view: CaseView) -> Iterable[str]:
    read = [norm for norm in view.legal_basis if not norm.wants_lawyer]
    if not read:
        return
    yield f"<h2>{escape(_('Norms to look at'))}</h2>"
    yield f"<p>{escape(name('nature', view.nature.value))}.</p>"
    yield f"<ul>{''.join(f'<li>{escape(_cited(pick(norm.cite), pick(norm.gist)))}</li>' for norm in read)}</ul>"


def _cited(cite: str, gist: str) -> str:
    return f"{cite}: {gist}" if gist else cite


def _asked(view: CaseView) -> Iterable[str]:
    yield _("Please check this within your powers and, if it is confirmed, see that it is put right.")
    value, unit = view.term
    if value:
        yield _(TERMS[unit], n=value)
    yield _("Who took part in the monitoring is not disclosed. Please take no step to find out.")


def _paragraphs(told: Iterable[str]) -> list[str]:
    return [f"<p>{escape(one)}</p>" for one in told]
