"""`seje tag` on odd lines: what can be read is answered, what cannot is told with its number."""

import json

import pytest
from typer.testing import CliRunner

from seje.cli import app

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def folder(small_pipeline, monkeypatch):
    monkeypatch.chdir(small_pipeline)


def tag(*words, text=None):
    return CliRunner().invoke(app, ["tag", *words], input=text)


def lines(done):
    return [json.loads(line)["line"] for line in done.stdout.splitlines()]


def test_lines_that_are_no_utf8_are_told_and_the_others_answered():
    text = b"1 egg\n200 g cr\xe8me\n2 onions\r\n\xff\n3 eggs"
    done = tag("--json", text=text)
    assert lines(done) == ["1 egg", "2 onions", "3 eggs"] and done.exit_code == 2
    assert done.stderr == "seje: tag: 2 not read, since they are not UTF-8: line 2, 4\n"
    table = tag(text=text)
    assert table.exit_code == 2 and "2 onions" in table.stdout


def test_many_bad_lines_are_counted_and_the_first_named():
    done = tag("--json", text=b"\xff\n" * 3000 + b"1 egg")
    assert lines(done) == ["1 egg"] and len(done.stderr.splitlines()) == 1
    assert "3000 not read" in done.stderr and done.stderr.endswith("8, 9, 10, ...\n")


def test_an_argument_that_is_no_utf8_is_told():
    done = tag("--json", "1 egg", "200 g cr\udce8me")  # as the shell's bytes come
    assert lines(done) == ["1 egg"] and done.exit_code == 2 and "line 2" in done.stderr


ODD = [b"", b"\n", b"\xef\xbb\xbf1 egg\n", b"\x00\x1b[31m", b"a" * 100_000, b"1 " * 20_000]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_lines_are_answered(text):
    done = tag("--json", text=text)
    assert done.exit_code == 0 and not done.stderr and len(lines(done)) == len(text.splitlines())
    assert "\ufeff" not in "".join(lines(done))
    assert tag(text=text).exit_code == 0


def test_markup_is_taken_away_as_it_is_from_the_corpus():
    text = "&frac14; cup p&acirc;t&eacute;\n<b>2</b> onions<br>\n3 &lt; 4 eggs &amp;amp; <5>\n"
    quantities = [json.loads(line)["quantity"] for line in tag("--json", text=text).stdout.splitlines()]
    assert quantities == ["1/4 cup", "2", "3 4 5"]
    assert lines(tag("--json", text=text))[1:] == ["2 onions", "3 < 4 eggs &amp; <5>"]
