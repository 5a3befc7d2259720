"""Finds sentences that stand in a screen's code instead of in the catalogues.

It reads the source, it does not run it. Two rules: what a person sees must not be a literal, and in a screen no literal
of two words may stand outside ``_``, ``plural``, ``mark`` and docstrings (a sentence in a variable is hard-coded too).
"""

import ast
import re
from collections.abc import Iterator

TRANSLATORS = {"_", "plural", "mark"}
SHOWS = frozenset(
    """
    title header subheader write markdown text caption button form_submit_button download_button link_button
    page_link selectbox multiselect radio checkbox toggle pills segmented_control slider select_slider text_input
    text_area number_input date_input time_input file_uploader camera_input color_picker metric tabs expander
    popover status error warning info success toast spinner progress dialog chat_input code json latex badge
    feedback menu_button Column TextColumn NumberColumn CheckboxColumn DateColumn DatetimeColumn LinkColumn
    SelectboxColumn ProgressColumn ImageColumn ListColumn Page navigation set_page_config
    """.split()
)
SEEN_KEYWORDS = {"label", "body", "help", "placeholder", "text", "title", "page_title", "delta", "caption", "value"}
CHOICES = {"selectbox", "multiselect", "radio", "pills", "segmented_control", "select_slider"}
NOT_WORDS = re.compile(
    r":material/\w+:|:[a-z]+(?:-background|-badge)?\[|<[^>]*>|&\w+;|https?://\S*|\]\([^)\s]*\)?|/[\w/.-]+", re.DOTALL
)
LOGS = {"log", "logger", "logging"}


def hard_coded(source: str, *, everywhere: bool = True) -> list[str]:
    """List every visible literal of a screen as ``line: text``; not *everywhere* leaves the second rule out."""
    tree = ast.parse(source)
    found = {(text.lineno, text.value) for call in _calls(tree) for text in _shown(call)}
    if everywhere:
        found |= {(text.lineno, text.value) for text in _sentences(tree)}
    return [f"{line}: {text}" for line, text in sorted(found)]


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SHOWS:
            if not (isinstance(node.func.value, ast.Name) and node.func.value.id in LOGS):
                yield node


def _shown(call: ast.Call) -> Iterator[ast.Constant]:
    assert isinstance(call.func, ast.Attribute)
    name, keywords = call.func.attr, {keyword.arg: keyword.value for keyword in call.keywords}
    visible = list(call.args[:1]) + [value for key, value in keywords.items() if key in SEEN_KEYWORDS]
    if name == "metric":
        visible += call.args[1:3]
    if name == "page_link":
        visible = [*call.args[1:2], *([keywords["label"]] if "label" in keywords else [])]  # the first one is a page
    if name == "Page":
        visible = [keywords["title"]] if "title" in keywords else []  # the first one is a file
    if name == "navigation" and call.args and isinstance(call.args[0], ast.Dict):
        visible += [key for key in call.args[0].keys if key]
    if name in CHOICES and "format_func" not in keywords:
        visible += call.args[1:2] + ([keywords["options"]] if "options" in keywords else [])
    if name in CHOICES and isinstance(keywords.get("format_func"), ast.Lambda):
        visible.append(keywords["format_func"])
    for expression in visible:
        yield from _literals(expression)


def _literals(node: ast.AST) -> Iterator[ast.Constant]:
    """Walk the parts of an expression that end up on the page; what a translator was given does not count."""
    match node:
        case ast.Constant(value=str(text)) if _has_letters(text):
            yield node
        case ast.JoinedStr(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.BoolOp(values=parts):
            for part in parts:
                yield from _literals(part)
        case ast.FormattedValue(value=inner) | ast.Lambda(body=inner) | ast.Starred(value=inner):
            yield from _literals(inner)
        case ast.BinOp(left=left, right=right):
            yield from _literals(left)
            yield from _literals(right)
        case ast.IfExp(body=yes, orelse=no):
            yield from _literals(yes)
            yield from _literals(no)
        case ast.Dict(values=values):
            for value in values:
                yield from _literals(value)
        case ast.Call(func=ast.Attribute(value=ast.Constant() as text)):
            yield from _literals(text)  # "Total {}".format(...), ", ".join(...)


def _sentences(tree: ast.AST) -> Iterator[ast.Constant]:
    skipped = {id(text) for node in ast.walk(tree) for text in _allowed(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            if re.search(r"[^\W\d_]{2,}[ ,]+[^\W\d_]{2,}", NOT_WORDS.sub("", node.value)):
                yield node


def _allowed(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand as it is: docstrings, what translators are given, styles, and what only the log reads."""
    if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        first = node.body[0] if node.body else None
        if isinstance(first, ast.Expr):
            yield first.value
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else None
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if name in TRANSLATORS or (isinstance(owner, ast.Name) and owner.id in LOGS):
            for argument in node.args:
                yield from ast.walk(argument)
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lstrip().startswith("<style"):
        yield node


def _has_letters(text: str) -> bool:
    return any(letter.isalpha() for letter in NOT_WORDS.sub("", text)) and not text.lstrip().startswith("<style")
