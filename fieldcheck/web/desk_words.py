"""The words that Streamlit itself writes on the desks, and the script that puts ours in their place.

Streamlit 1.67 has no catalogue: its file picker, lists and tables speak English only. What is replaced is listed here
by its exact English text; a text that an upgrade words anew simply stays English.
"""

import json
from functools import cache
from pathlib import Path

from fieldcheck import words
from fieldcheck.words import _, mark

SCRIPT = "/static/desk-words.js"
PHRASES = (
    mark("Drag and drop a file here"),
    mark("Drag and drop files here"),
    mark("Upload"),
    mark("{size} per file"),
    mark("MB"),
    mark("No results"),
    mark("No options to select"),
    mark("Select all"),
    mark("Choose an option"),
    mark("Choose options"),
    mark("Clear value"),
    mark("Press Enter to apply"),
    mark("Press Enter to submit form"),
    mark("Press Ctrl+Enter to apply"),
    mark("Press Ctrl+Enter to submit form"),
    mark("Show/hide columns"),
    mark("Download as CSV"),
    mark("Search"),
    mark("Close Search"),
    mark("Fullscreen"),
    mark("Close fullscreen"),
    mark("Copy to clipboard"),
    mark("Connecting"),
    mark("Skip to main content"),
)


@cache
def script() -> str:
    """Give the script with the words of all languages but English in it."""
    spoken = {language: _all(language) for language in words.LANGUAGES if language != "en"}
    text = json.dumps(json.dumps(spoken, ensure_ascii=False), ensure_ascii=False)
    source = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    return source.replace('"__WORDS__"', text.replace("\u2028", "").replace("\u2029", ""))


def _all(language: str) -> dict[str, str]:
    said_before = words.language()
    words.use(language)
    try:
        return {phrase: _(phrase) for phrase in PHRASES}
    finally:
        words.use(said_before)
