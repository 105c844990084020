from hypothesis import given
from hypothesis import strategies as st

from seje.errors import one_line


@given(st.text(st.characters()))
def test_any_text_becomes_one_line_that_can_be_printed(text):
    shown = one_line(text)
    assert shown.isprintable() and shown.encode().decode() == shown
    assert shown == text or not text.isprintable()


def test_what_cannot_be_shown_is_its_code():
    assert one_line("cr\udce8me\n\x1b[31m \u5bff") == r"cr\udce8me\n\x1b[31m " + "\u5bff"
