"""A file from a phone that could not send: it is opened, and what it held is taken in as if the phone had sent it."""

import streamlit as st

from fieldcheck import words
from fieldcheck.usecases import rescue
from fieldcheck.web import here, rescued
from fieldcheck.web.drawing import plain
from fieldcheck.words import _, mark

KINDS = {
    "answer": mark("Answers"),
    "photo": mark("Photos"),
    "unphoto": mark("Photos taken back"),
    "briefing": mark("Briefings read"),
    "submission": mark("Visits handed in"),
    "stop": mark("Visits stopped early"),
    "alarm": mark("Words about safety"),
}


def _show(data: bytes) -> None:
    with here.doing() as work:
        opened = rescue.open_file(work, data)
    fed = rescued.feed(here.settings(), opened)
    st.success(_("From {code}. What could be taken in is here now.", code=plain(opened.volunteer.code)))
    for kind, many in sorted(fed.here.items()):
        st.markdown(f"- {_(KINDS[kind])}: {words.number(many)}")
    for kind, code, details in fed.refused:
        st.warning(f"{_(KINDS[kind])}: {plain(words.sentence(code, details))}")
    if opened.strange:
        st.warning(_("{n} in the file belong to no visit of hers in your region.", n=words.number(opened.strange)))


with here.looking() as looked:
    key = rescue.key_name(looked)
st.title(_("A file from a phone"))
st.markdown(_("A volunteer whose phone cannot send saves everything to a file. Give it here; nothing comes in twice."))
file = st.file_uploader(_("The file"), max_upload_size=200)
if file is not None and st.button(_("Take it in"), type="primary"):
    with here.telling():
        _show(file.getvalue())
st.caption(_("Key {key}", key=plain(key)))
