"""A fault of ours on a page is a sentence in the reader's language."""

import pytest
from streamlit.testing.v1 import AppTest

from fieldcheck import words
from fieldcheck.web import main


def page() -> None:
    from fieldcheck.web import main

    main.show_to_people()


def test_a_fault_of_ours_is_told_in_our_words_and_not_in_streamlits(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails() -> None:
        words.use("kk")
        raise RuntimeError("the answer was 42")

    monkeypatch.setattr(main, "show", fails)

    shown = AppTest.from_function(page).run()

    assert not shown.exception
    words.use("kk")
    assert [one.value for one in shown.error] == [words.sentence("server.failed")]
    assert "42" not in shown.error[0].value and "42" in caplog.text
