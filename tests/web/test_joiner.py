"""Joining modules: what is not understood is refused; what comes out is one script in the right order."""

import pytest

from fieldcheck.web.joiner import NotJoinable, join, lean, order


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("export default 1;\n", "export default"),
        ('export { a } from "./b.js";\n', "export {"),
        ('import * as all from "./b.js";\n', "import *"),
        ('const late = import("./b.js");\n', "import("),
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

    assert joined == (
        '"use strict";\nconst $here = new URL("/pocket/0f/notes.js", globalThis.location.href).href;\n'
        "const $b = (() => {\nfunction b() {\nreturn 2;\n}\nconst place = $here;\nreturn { b, place };\n})();\n"
        "const $a = (() => {\nconst { b, place: at } = $b;\nconst a = b() + at;\nreturn { a };\n})();\n"
        "globalThis.notes = { a: $a.a };\n"
    )


def test_what_is_joined_is_a_script_that_a_worker_may_load_too() -> None:
    joined = join({"a.js": "export const here = import.meta.url;\n"}, {"here": "a.js"}, "/a.js")

    assert "import" not in joined and "export" not in joined


def test_a_cast_in_a_comment_goes_and_an_address_stays() -> None:
    source = 'const a = /** @type {any} */ (b); // trailing\nconst c = "https://x";\n'

    assert lean("a.js", source) == 'const a = (b); // trailing\nconst c = "https://x";\n'
