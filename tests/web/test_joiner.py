"""Joining modules: what is not understood is refused; what comes out is one script in the right order."""

import pytest

from fieldcheck.web.joiner import NotJoinable, bare, join, join_onto, lean, order


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("export default 1;\n", "export default"),
        ('export { a } from "./b.js";\n', "export {"),
        ('import * as all from "./b.js";\n', "import *"),
        ('const late = import("https://b.js");\n', "import("),
        ('import { b } from "./b.js";\nconst late = import("./b.js");\n', "b.js is asked for later"),
        ('const late = import("./nobody.js");\n', "nobody imports nobody.js"),
        ("export let count = 0;\n", "export let"),
        ("const text = `one\ntwo`;\n", "several lines"),
        ('import { a } from "./a.js";\n', "in a circle: a.js -> a.js"),
        ('import { b } from "./nobody.js";\n', "a.js imports nobody.js"),
    ],
)
def test_a_form_that_it_does_not_know_is_refused_by_name(source: str, said: str) -> None:
    with pytest.raises(NotJoinable, match=said.replace("(", r"\(").replace("*", r"\*").replace("{", r"\{")):
        join({"a.js": source, "b.js": ""}, {"a": "a.js"}, "/a.js")


def test_what_is_needed_stands_first_and_once() -> None:
    modules = {
        "app.js": 'import { b } from "./b.js";\nimport { c } from "./c.js";\n',
        "b.js": 'import { c } from "./c.js";\nexport const b = c;\n',
        "c.js": "export const c = 1;\n",
        "alone.js": "",
    }

    assert order(modules, "app.js") == ["c.js", "b.js", "app.js"]


def test_a_module_becomes_a_closure_that_gives_what_it_exported() -> None:
    modules = {
        "b.js": "/** Why. */\nexport function b() {\n  // how\n  return 2;\n}\nexport const place = import.meta.url;\n",
        "a.js": 'import {\n  b,\n  place as at,\n} from "./b.js";\nexport const a = b() + at;\n',
    }

    joined = join(modules, {"a": "a.js"}, "/pocket/0f/notes.js")

    assert joined.later == ""
    assert joined.first == (
        '"use strict";\nconst $here = new URL("/pocket/0f/notes.js", globalThis.location.href).href;\n'
        "const $b = (() => {\nfunction b() {\nreturn 2;\n}\nconst place = $here;\nreturn { b, place };\n})();\n"
        "const $a = (() => {\nconst { b, place: at } = $b;\nconst a = b() + at;\nreturn { a };\n})();\n"
        "globalThis.notes = { a: $a.a };\n"
    )


def test_what_is_joined_is_a_script_that_a_worker_may_load_too() -> None:
    joined = join({"a.js": "export const here = import.meta.url;\n"}, {"here": "a.js"}, "/a.js").first

    assert "import" not in joined and "export" not in joined


def test_what_is_imported_later_stands_in_a_second_script_and_borrows_from_the_first() -> None:
    modules = {
        "a.js": 'import { c } from "./c.js";\nexport const a = async () => (await import("./b.js")).b + c;\n',
        "b.js": 'import { c } from "./c.js";\nimport { d } from "./d.js";\nexport const b = c + d;\n',
        "c.js": "export const c = 1;\n",
        "d.js": "export const d = 2;\n",
    }

    joined = join(modules, {"a": "a.js"}, "/pocket/0f/notes.js", "more.js")

    assert 'await $$later("b.js")' in joined.first and "const $d" not in joined.first
    assert 'new URL("more.js", $here)' in joined.first
    assert joined.first.endswith("globalThis.notes = { a: $a.a, lent: { $c } };\n")
    assert joined.later == (
        '"use strict";\n{\nconst { $c } = globalThis.notes.lent;\n'
        "const $d = (() => {\nconst d = 2;\nreturn { d };\n})();\n"
        "const $b = (() => {\nconst { c } = $c;\nconst { d } = $d;\nconst b = c + d;\nreturn { b };\n})();\n"
        'globalThis.notes.late = { "b.js": $b };\n}\n'
    )


def test_a_cast_in_a_comment_goes_and_an_address_stays() -> None:
    source = 'const a = /** @type {any} */ (b); // trailing\nconst c = "https://x";\n'

    assert lean("a.js", source) == 'const a = (b); // trailing\nconst c = "https://x";\n'


def test_what_only_a_worker_runs_leaves_out_what_stands_in_the_first_script() -> None:
    modules = {
        "b.js": "export const b = 1;\n",
        "c.js": 'import { b } from "./b.js";\nexport const c = b;\n',
        "wake.js": 'import { b } from "./b.js";\nimport { c } from "./c.js";\nexport const wake = b + c;\n',
    }

    onto = join_onto(modules, {"wake": "wake.js"}, ["b.js"])

    assert "$b = (" not in onto and "$c = (" in onto
    assert onto.endswith("Object.assign(globalThis.notes, { wake: $wake.wake });\n")


def test_a_style_sheet_loses_its_comments_and_nothing_that_a_browser_reads() -> None:
    style = '/* one\n two */\n.a { color: red; }\n\n@media print {\n  .a::before { content: "*" / ""; } /* why */\n}\n'

    assert bare(style) == '.a { color: red; }\n@media print {\n.a::before { content: "*" / ""; } }\n'
