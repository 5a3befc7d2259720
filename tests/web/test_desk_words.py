"""Streamlit's own words in the reader's language, and nobody else's words touched."""

from playwright.sync_api import Browser

from fieldcheck.web import desk_words, index

PAGE = """<html lang="en"><body><span data-spoken="{language}" hidden></span><div id="there"></div></body></html>"""
DRAWN = """<p id="drop">Drag and drop a file here</p><p id="size">10MB per file • CSV</p>
<input id="field" aria-label="Clear value"><p id="other">Drag and drop a fish here</p>
<div data-testid="stMarkdownContainer"><p id="hers">Upload</p></div>
<div data-testid="stFileUploaderDropzone">
<div data-testid="stMarkdownContainer"><p id="button">Upload</p></div></div>"""


def shown(chromium: Browser, language: str) -> dict[str, str]:
    """What stands on a page after Streamlit drew these."""
    page = chromium.new_page()
    page.set_content(PAGE.format(language=language))
    page.add_script_tag(content=desk_words.script())
    page.evaluate("html => { document.getElementById('there').innerHTML = html; }", DRAWN)
    page.wait_for_function("document.getElementById('size') !== null")
    texts = {id_: page.inner_text(f"#{id_}") for id_ in ("drop", "size", "other", "hers", "button")}
    texts["field"] = page.get_attribute("#field", "aria-label") or ""
    page.close()
    return texts


def test_the_phrases_are_said_in_the_readers_language_and_a_persons_words_stay(chromium: Browser) -> None:
    assert shown(chromium, "ru") == {
        "drop": "Перетащите файл сюда",
        "size": "до 10\u00a0МБ на файл • CSV",
        "other": "Drag and drop a fish here",
        "hers": "Upload",
        "button": "Выбрать файл",
        "field": "Очистить",
    }
    assert shown(chromium, "kk")["drop"] == "Файлды осында сүйреп әкеліңіз"
    assert shown(chromium, "en")["drop"] == "Drag and drop a file here"


def test_what_was_drawn_before_anybody_was_known_is_said_in_her_language_too(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content('<html lang="en"><body><a id="skip">Skip to main content</a></body></html>')
    page.add_script_tag(content=desk_words.script())
    page.evaluate("() => document.body.insertAdjacentHTML('beforeend', '<span data-spoken=kk hidden></span>')")

    page.wait_for_function("document.getElementById('skip').innerText !== 'Skip to main content'")
    assert page.inner_text("#skip") == "Негізгі мазмұнға өту"
    page.close()


def test_every_phrase_still_stands_in_streamlits_bundles() -> None:
    bundles = "".join(path.read_text() for path in (index.STATIC / "static" / "js").glob("*.js"))
    composed = ("Press ", "{size}")

    gone = [phrase for phrase in desk_words.PHRASES if not phrase.startswith(composed) and phrase not in bundles]
    assert gone == []


def test_the_page_asks_for_the_script_and_its_policy_allows_it() -> None:
    assert f'src="{desk_words.SCRIPT}"' in index.page("kk")
    assert "script-src 'self'" in index.policy()
