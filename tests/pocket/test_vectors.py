"""The browser's rules and the server's say the same about the same vectors."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from fieldcheck.web.pocket import module_url
from tests.pocket.fake_api import Server

VECTORS = Path(__file__).parent.parent / "vectors"


def vectors(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((VECTORS / name).read_text())
    return found


@pytest.fixture
def bench(page: Page, server: Server) -> Page:
    """A page of the same origin that shows nothing."""
    page.goto(f"{server.url}/bench")
    return page


def test_a_condition_holds_in_the_browser_exactly_when_it_holds_on_the_server(bench: Page) -> None:
    cases = vectors("conditions.json")

    said = bench.evaluate(
        "async ([url, cases]) => { const m = await import(url); return cases.map(c => m.evaluate(c.tree, c.facts)); }",
        [module_url("conditions.js"), cases],
    )

    wrong = [case["name"] for case, one in zip(cases, said, strict=True) if one is not case["expect"]]
    assert wrong == []


def test_what_is_asked_and_what_is_missing_are_the_same_in_the_browser(bench: Page) -> None:
    cases = vectors("walk.json")

    said = bench.evaluate(
        """async ([url, cases]) => {
          const m = await import(url);
          return cases.map(c => ({
            visible: m.visible(c.checklist, c.answers, c.school).questions.map(q => q.id),
            missing: m.missing(c.checklist, c.answers, c.photo_counts, c.school)
              .map(o => ({question: o.question_id, what: o.what})),
          }));
        }""",
        [module_url("checklist.js"), cases],
    )

    wrong = [
        case["name"]
        for case, one in zip(cases, said, strict=True)
        if one != {"visible": case["visible"], "missing": case["missing"]}
    ]
    assert wrong == []


def test_a_photo_is_made_upright_small_and_without_its_metadata(bench: Page, picture: Path, server: Server) -> None:
    bench.set_content('<input type="file">')
    bench.locator("input").set_input_files(str(picture))

    made = bench.evaluate(
        """async url => {
          const m = await import(url);
          const r = await m.fromFile(document.querySelector("input").files[0]);
          const text = new TextDecoder("latin1").decode(r.bytes);
          const digest = await crypto.subtle.digest("SHA-256", r.bytes);
          const hex = [...new Uint8Array(digest)].map(b => b.toString(16).padStart(2, "0")).join("");
          const secret = text.includes("SECRETPHONE"), jpeg = text.startsWith("\\xff\\xd8");
          return {width: r.width, height: r.height, secret, jpeg, hash: hex === r.sha256};
        }""",
        f"{server.url}{module_url('image.js')}",
    )

    assert made == {"width": 1365, "height": 2048, "secret": False, "hash": True, "jpeg": True}


@pytest.mark.parametrize(
    ("typed", "read"),
    [("1 250 000", 1250000), ("1 250,5", 1250.5), ("-3", -3), ("", None), ("12a", "none"), ("1,2,3", "none")],
)
def test_a_number_is_read_as_people_write_it(bench: Page, typed: str, read: object) -> None:
    said = bench.evaluate(
        "async ([url, text]) => { const n = (await import(url)).readNumber(text); return n === void 0 ? 'none' : n; }",
        [module_url("typing.js"), typed],
    )

    assert said == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1,000", 1000),
        ("1.000", 1000),
        ("-1,000,000", -1000000),
        ("1,00", 1),
        ("1,5", 1.5),
        ("1 000,5", 1000.5),
        ("0,500", 0.5),
    ],
)
def test_a_whole_number_may_have_its_thousands_parted(bench: Page, typed: str, read: object) -> None:
    said = bench.evaluate(
        "async ([url, text]) => (await import(url)).readNumber(text, true)", [module_url("typing.js"), typed]
    )

    assert said == read


def test_the_best_place_is_a_recent_and_exact_one(bench: Page) -> None:
    said = bench.evaluate(
        """async url => {
          const { PlaceWatch } = await import(url);
          const watch = new PlaceWatch({});
          const none = watch.best(1e6);
          watch.take({lat: 1, lon: 1, accuracy: 10, at: 1e6 - 300e3});
          watch.take({lat: 2, lon: 2, accuracy: 30, at: 1e6 - 5e3});
          watch.take({lat: 3, lon: 3, accuracy: 400, at: 1e6});
          return [none, watch.best(1e6), watch.best(1e6 + 3600e3)];
        }""",
        module_url("place.js"),
    )

    assert said == [
        {"place": None, "no_place": "timeout"},
        {"place": {"lat": 2, "lon": 2, "accuracy": 30, "age": 5}, "no_place": None},
        {"place": None, "no_place": "timeout"},
    ]


def test_an_exclusive_option_stands_alone(bench: Page) -> None:
    said = bench.evaluate(
        """async url => {
          const { toggled } = await import(url);
          const options = [{id: "a"}, {id: "b"}, {id: "none", exclusive: true}];
          const tap = (chosen, id) => [...toggled(options, new Set(chosen), options.find(o => o.id === id))].sort();
          return [tap(["a"], "b"), tap(["a", "b"], "none"), tap(["none"], "a"), tap(["a"], "a")];
        }""",
        module_url("choices.js"),
    )

    assert said == [["a", "b"], ["none"], ["a"], []]


def test_names_made_on_the_phone_are_uuids_of_version_7_in_order(bench: Page) -> None:
    said = bench.evaluate(
        "async url => { const m = await import(url); return [m.uuid7(1000), m.uuid7(2000), m.uuid7(Date.now())]; }",
        module_url("ids.js"),
    )

    assert said == sorted(said)
    assert all(len(one) == 36 and one[14] == "7" and one[19] in "89ab" for one in said)
