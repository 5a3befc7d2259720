"""What a page of ours holds, all of it: every element as it goes to the browser."""

from collections.abc import Iterator
from typing import Any

from google.protobuf import text_format
from streamlit.testing.v1 import AppTest


def everything(page: AppTest) -> str:
    """Write down every element of a page, labels, links, keys and tables too."""
    return "\n".join(_written(node) for root in (page.main, page.sidebar) for node in _nodes(root))


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for child in getattr(node, "children", {}).values():
        yield from _nodes(child)


def _written(node: Any) -> str:
    proto = getattr(node, "proto", None)
    if proto is None:
        return ""
    # Bytes, such as a table's, are written escaped; what is ASCII in them can be read all the same.
    return text_format.MessageToString(proto, as_utf8=True)
