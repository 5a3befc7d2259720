"""Joins the walk's plain modules into two files, so that a phone far from a mast asks twice and not forty times.

The first is what every opening needs; what is only reached by `import("./some.js")` comes in the second, after it. The
sources stay what they are: modules that a browser could load one by one. What is joined is a bundle of closures in
the order in which they need each other, without their comments. It understands exactly the form in which these modules
are written, and refuses any other: a circle, a default, a re-export, a text of several lines.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (async function|function|class|const) (\w+)", re.MULTILINE)
_COMMENT = re.compile(r"/\*\*.*?\*/ ?", re.DOTALL)
_REMARK = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
_LINE = re.compile(r"^\s*//.*\n", re.MULTILINE)
_INDENT = re.compile(r"^\s+", re.MULTILINE)
_LATER = re.compile(r'\bimport\("\./(\w+\.js)"\)')
_FOREIGN = re.compile(r"^(?:import|export)\b.*|\bimport\(.*", re.MULTILINE)


class NotJoinable(Exception):
    """A module is written in a form that the joiner does not know; the message names it."""


# How the first script fetches the second: a script element, because a browser remembers a failed import() for good.
_FETCH = """let $$coming;
const $$later = (name) => ($$coming ??= new Promise((resolve, reject) => {
const script = document.createElement("script");
script.src = new URL(%s, $here).href;
script.onload = resolve;
script.onerror = () => (script.remove(), ($$coming = undefined), reject(new Error("not here yet")));
document.head.append(script);
})).then(() => globalThis.notes.late[name]);
"""


@dataclass(frozen=True)
class Joined:
    """The two scripts; the second is empty where nothing comes later."""

    first: str
    later: str


def join(sources: Mapping[str, str], gives: Mapping[str, str], address: str, later_address: str = "") -> Joined:
    """Return one script with the modules that *gives* names and all that they need, and one with what comes later.

    A page, another module and a service worker can all load the first: it exports nothing, but puts what *gives* names,
    by the module it comes from, into `globalThis.notes`. It takes *address* for where it stands.
    """
    now = order(sources, *gives.values())
    wanted = list(dict.fromkeys(found for name in now for found in _LATER.findall(lean(name, sources[name]))))
    late = [name for name in order(sources, *wanted) if name not in now]
    for name in wanted:
        if name not in late:
            raise NotJoinable(f"{name} is asked for later, and stands in the first script already")
    parts = ['"use strict";\n', f"const $here = new URL({json.dumps(address)}, globalThis.location.href).href;\n"]
    parts += [_FETCH % json.dumps(later_address)] if late else []
    parts += [_closed(name, sources[name]) for name in now]
    given = [f"{name}: {_name(module)}.{name}" for name, module in gives.items()]
    lent = sorted({_name(other) for name in late for _, other in _IMPORT.findall(sources[name]) if other in now})
    given += [f"lent: {{ {', '.join(lent)} }}"] if late else []
    first = "".join([*parts, f"globalThis.notes = {{ {', '.join(given)} }};\n"])
    return Joined(first, _second([_closed(name, sources[name]) for name in late], lent, wanted) if late else "")


def _second(closed: list[str], lent: list[str], wanted: list[str]) -> str:
    given = ", ".join(f"{json.dumps(name)}: {_name(name)}" for name in wanted)
    borrowed = f"const {{ {', '.join(lent)} }} = globalThis.notes.lent;\n"
    return "".join(['"use strict";\n{\n', borrowed, *closed, f"globalThis.notes.late = {{ {given} }};\n}}\n"])


def join_onto(sources: Mapping[str, str], gives: Mapping[str, str], first: Collection[str]) -> str:
    """Return a script that a worker runs after the first one: what *gives* names, but for the modules of the *first*.

    Scripts that a worker imports share their names, so it finds those modules where they are.
    """
    parts = ['"use strict";\n']
    parts += [_closed(name, sources[name]) for name in order(sources, *gives.values()) if name not in first]
    given = ", ".join(f"{name}: {_name(module)}.{name}" for name, module in gives.items())
    return "".join([*parts, f"Object.assign(globalThis.notes, {{ {given} }});\n"])


def order(sources: Mapping[str, str], *entries: str) -> list[str]:
    """List *entries* and what they need, what is needed first; raises NotJoinable on a circle or a missing module."""
    done: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise NotJoinable(f"modules import each other in a circle: {' -> '.join([*path, name])}")
        if name in done:
            return
        if name not in sources:
            raise NotJoinable(f"{path[-1] if path else 'nobody'} imports {name}, which is not there")
        for _, needed in _IMPORT.findall(sources[name]):
            visit(needed, (*path, name))
        done.append(name)

    for entry in entries:
        visit(entry, ())
    return done


def lean(name: str, source: str) -> str:
    """Take the comments and the indentation out of a module."""
    for number, line in enumerate(source.splitlines(), start=1):
        if line.count("`") % 2:
            raise NotJoinable(f"{name}:{number} has a text of several lines")
    return _INDENT.sub("", _LINE.sub("", _COMMENT.sub("", source)))


def _closed(name: str, source: str) -> str:
    text = lean(name, source)
    needs = "".join(f"const {{ {_names(wanted)} }} = {_name(other)};\n" for wanted, other in _IMPORT.findall(text))
    gives = ", ".join(found[1] for found in _EXPORT.findall(text))
    text = _EXPORT.sub(r"\1 \2", _IMPORT.sub("", text)).replace("import.meta.url", "$here")
    text = _LATER.sub(lambda found: f"$$later({json.dumps(found[1])})", text)
    foreign = _FOREIGN.search(text)
    if foreign:
        raise NotJoinable(f"{name}: {foreign.group()}")
    return f"const {_name(name)} = (() => {{\n{needs}{text}return {{ {gives} }};\n}})();\n"


def _names(wanted: str) -> str:
    return " ".join(wanted.split()).rstrip(",").replace(" as ", ": ")


def _name(module: str) -> str:
    return "$" + module.removesuffix(".js")


def bare(style: str) -> str:
    """Give a style sheet without its comments and its indentation."""
    return _INDENT.sub("", _REMARK.sub("", style))
