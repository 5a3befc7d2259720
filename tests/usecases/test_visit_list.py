"""The coordinator's list of visits: nothing of it is left out, however many there are."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from fieldcheck.domain.errors import Forbidden
from fieldcheck.domain.visit import Heap
from fieldcheck.storage import database as store
from fieldcheck.storage.tables import Visit
from fieldcheck.usecases import today, visit_list
from tests.story import Story


def fill(story: Story, one: str, state: str, many: int, reason: str | None = None, days: int = 0) -> None:
    with store.transaction(story.settings.database_url) as session:
        row = session.get(Visit, one)
        assert row is not None
        kept = row.model_dump() | {"state": state, "stop_reason": reason}
        moved = timedelta(days=days)
        session.execute(
            insert(Visit),
            [
                kept | {"id": f"{state}-{reason}-{n}"} | {k: kept[k] + moved for k in ("window_from", "window_to")}
                for n in range(many)
            ],
        )


def test_whoever_lists_no_visits_sees_no_heap(story: Story) -> None:
    with pytest.raises(Forbidden), story.work("bo") as work:
        visit_list.page(work, Heap.DONE)


def test_another_regions_visits_are_neither_counted_nor_listed_nor_found(story: Story) -> None:
    fill(story, story.assign(), "submitted", 3)

    with story.work("boris") as work:
        page = visit_list.page(work, Heap.SUBMITTED)
        found = visit_list.page(work, Heap.SUBMITTED, story.actors["chelsea"].code)
        assert (visit_list.counts(work), visit_list.visits(work)) == ({}, ())

    assert (page.counts, page.total, page.rows, found.total, found.rows) == ({}, 0, (), 0, ())


def test_a_visit_that_waits_is_counted_and_found_behind_a_thousand_later_ones(story: Story) -> None:
    one = story.assign()
    fill(story, one, "submitted", 1)
    fill(story, one, "accepted", 1100, days=5)
    fill(story, one, "stopped", 2, "closed")
    fill(story, one, "stopped", 3, "unsafe")

    with story.work("alice") as work:
        counts = visit_list.counts(work)
        last = visit_list.page(work, Heap.DONE, page=999)
        waiting = visit_list.page(work, Heap.SUBMITTED)
        assert today.next_to_check(work, "") == "submitted-None-0"
        assert len(visit_list.visits(work)) == sum(counts.values())

    assert counts == {Heap.SUBMITTED: 1, Heap.DONE: 1100, Heap.DOOR: 2, Heap.STOPPED: 3, Heap.UNDER_WAY: 1}
    assert (last.total, last.pages, len(last.rows)) == (1100, 44, visit_list.ROWS)
    assert [line.id for line in waiting.rows] == ["submitted-None-0"]


def test_a_heap_is_searched_by_school_district_and_code_in_any_letters(story: Story) -> None:
    fill(story, story.assign(), "accepted", 3)
    code = story.actors["chelsea"].code

    with story.work("alice") as work:
        found = {
            text: visit_list.page(work, Heap.DONE, text).total for text in (code.lower(), "  ", "nowhere", "%", "_")
        }
        school = visit_list.visits(work)[0]
        by_name = visit_list.page(work, Heap.DONE, next(iter(school.school_name.values())).upper()).total

    assert found == {code.lower(): 3, "  ": 3, "nowhere": 0, "%": 0, "_": 0}
    assert by_name == 3


def test_a_visit_lies_under_overdue_once_its_window_is_over(story: Story) -> None:
    fill(story, story.assign(), "assigned", 2, days=-30)

    with story.work("alice") as work:
        overdue = visit_list.page(work, Heap.OVERDUE)

    assert [line.is_overdue for line in overdue.rows] == [True, True]
