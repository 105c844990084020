import gzip
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seje.corpus import json_records
from seje.corpus.json_records import BROKEN, TOO_LONG, Unread, read_records
from seje.errors import SejeError

RECORDS = [{"id": "a", "title": "Cr\u00e8me \U0001f373"}, {"id": "b", "lines": ["[", "}", '"', "\\"]}]
ARRAY, LINES = json.dumps(RECORDS), "\n".join(map(json.dumps, RECORDS))
RAW = json.dumps(RECORDS, ensure_ascii=False)


def read(folder, data: bytes | str) -> list[object]:
    path = folder / "layer1.json"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(read_records(path))


@pytest.mark.parametrize(
    "data",
    [
        ARRAY.encode(),
        b" \n" + json.dumps(RECORDS, indent=1).encode(),
        LINES.encode(),
        LINES.replace("\n", "\r\n\r\n").encode() + b"\n",
        b"\xef\xbb\xbf" + RAW.encode(),
        b"\xef\xbb\xbf" + LINES.encode(),
        RAW.encode("utf-16"),
        RAW.encode("utf-16-le"),
        RAW.encode("utf-32-be"),
        gzip.compress(ARRAY.encode()),
        gzip.compress(b"\xef\xbb\xbf" + LINES.encode()),
    ],
)
def test_arrays_and_lines_plain_and_packed_in_any_utf(tmp_path, data):
    assert read(tmp_path, data) == RECORDS


@pytest.mark.parametrize("form", ["[{}, {}, {}]", "{}\n{}\n{}\n"])
@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ('{"n": 9223372036854775808, "m": -1e999, "l": NaN, "k": -Infinity}', None),
        ('{"n": ' + "7" * 5000 + "}", None),
        ('{"t": "fish \\udc1f"}', None),
        ('{"t": "a\x00b\tc"}', None),
        ('{"t": 1, "t": 2}', None),
        ('{"t": ' + "[" * 200_000 + "]" * 200_000 + "}", "nested too deep"),
        ('{"t": nul}', "broken JSON"),
        ('{"t": "the "best" soup"}', "broken JSON"),
        ('\x00{"t": 1}', "broken JSON"),
        (b'{"t": "cr\xe8me"}', "not UTF-8"),
        (b'{"t": "\xed\xa0\xbd"}', "not UTF-8"),
    ],
)
def test_an_odd_record_costs_itself_at_most(tmp_path, form, odd, reason):
    whole = [b'{"id": "a"}', odd if isinstance(odd, bytes) else odd.encode(), b'{"id": "b"}']
    first, found, last = read(tmp_path, form.encode().replace(b"{}", b"%s") % tuple(whole))
    assert (first, last) == ({"id": "a"}, {"id": "b"})
    assert isinstance(found, dict) if reason is None else found == Unread(reason)


def test_a_line_that_does_not_end_costs_no_other(tmp_path):
    assert read(tmp_path, '{"id": "a"}\n{"t": [1,\n{"t": "x\n{"id": "b"}\n') == [
        {"id": "a"},
        BROKEN,
        BROKEN,
        {"id": "b"},
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (ARRAY[:-30].encode(), "broken JSON after 1 records: .* cut off"),
        (ARRAY[:-1].encode(), "broken JSON after 2 records"),
        (LINES[:-3].encode(), "broken JSON after 1 records"),
        (b'[{"id": "a"}, {"t": [1}, {"id": "b"}]', "broken JSON after 1 records: .* bracket is missing"),
        (gzip.compress(ARRAY.encode())[:-12], "broken gzip after"),
        (b"[1][2]", "goes on behind the bracket"),
        (b"", "is empty"),
        (b"id,title", "begins with"),
        (b'{\n "recipes":\n []}', "no line is a record"),
        (b"PK\x03\x04", "ZIP archive: unpack"),
        (b"BZh9", "bzip2"),
        (b"\xfd7zXZ\x00", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"PAR1", "Parquet"),
        (b" <!doctype html>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1", "git lfs pull"),
    ],
)
def test_what_is_not_such_a_file_is_named_for_what_it_is(tmp_path, data, message):
    with pytest.raises(SejeError, match=rf"layer1\.json: .*{message}") as error:
        read(tmp_path, data)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("form", ['[{"id": 1}, %s, {"id": 2}]', '{"id": 1}\n%s\n{"id": 2}'])
@pytest.mark.parametrize("start, end", [('{"t": "', '"}'), ('{"t": [0', "]}"), ('{"t": "\\"', '"}')])
def test_a_record_without_bounds_is_set_aside_unheld(tmp_path, monkeypatch, form, start, end):
    monkeypatch.setattr(json_records, "LONGEST", 10_000)
    monkeypatch.setattr(json_records, "CHUNK", 1000)
    data = form % (start + ",1" * 200_000 + end)
    (tmp_path / "layer1.json").write_text(data)
    tracemalloc.start()
    found = list(read_records(tmp_path / "layer1.json"))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [{"id": 1}, TOO_LONG, {"id": 2}]
    assert most < len(data)  # whole and read it would be many times that


@given(
    st.lists(st.recursive(st.none() | st.floats(allow_nan=False) | st.text(), st.lists, max_leaves=9)),
    st.integers(1, 40),
)
def test_any_array_whatever_the_window(tmp_path_factory, records, chunk):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_records, "CHUNK", chunk)
        assert read(tmp_path_factory.getbasetemp(), json.dumps(records)) == records


@given(
    st.binary(max_size=60) | st.text('[]{},"\\ \n1atrue:').map(str.encode),
    st.sampled_from([b"", b"[", b"{", b"\x1f\x8b"]),
)
def test_any_bytes_are_records_or_one_line(tmp_path_factory, data, start):
    try:
        read(tmp_path_factory.getbasetemp(), start + data)
    except SejeError as error:
        assert "\n" not in str(error)
