import os
import pickle
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seje.categories.classes1m import read_classes
from seje.errors import SejeError

RECIPES, NAMES = {"00000000a0": 2, "00000000a1": 0}, {0: "background", 1: "beef stew", 2: "plum cake"}


def written(path, *values, protocol=2):
    path.write_bytes(b"".join(pickle.dumps(value, protocol) for value in values))
    return path


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_both_pickles_are_read(tmp_path, protocol):
    found = read_classes(written(tmp_path / "classes1M.pkl", RECIPES, NAMES, protocol=protocol))
    assert found.recipes == RECIPES and found.names == NAMES


def test_strings_of_python_2(tmp_path):
    """As its pickle wrote them: bytes of length 4 and 10."""
    first = b"\x80\x02}q\x00U\x0a00000000a0q\x01K\x02s."
    second = b"\x80\x02}q\x00(K\x00U\x0abackgroundq\x01K\x02U\x04cakeq\x02u."
    (tmp_path / "classes1M.pkl").write_bytes(first + second)
    found = read_classes(tmp_path / "classes1M.pkl")
    assert found.recipes == {"00000000a0": 2} and found.names == {0: "background", 2: "cake"}


class Wicked:
    def __reduce__(self):
        return os.system, ("touch ran",)


class Hidden:
    def __reduce__(self):
        return getattr, ("", "join")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("wicked", [Wicked(), Hidden(), np.int64(3), {1, 2} | {Wicked()}, Wicked])
def test_what_is_more_than_plain_values_is_refused_and_not_run(tmp_path, monkeypatch, protocol, wicked):
    monkeypatch.chdir(tmp_path)
    for values in ([wicked, NAMES], [RECIPES, {1: wicked}], [{"00000000a0": wicked}, NAMES]):
        path = written(tmp_path / "classes1M.pkl", *values, protocol=protocol)
        with pytest.raises(SejeError, match="not im2recipe's file of categories .*fetch it again") as caught:
            read_classes(path)
        assert "\n" not in str(caught.value) and [found.name for found in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "values, reason",
    [
        ([], "it ends too soon"),
        ([RECIPES], "it ends too soon"),
        ([NAMES, RECIPES], "first pickle"),
        ([RECIPES, ["background"]], "second pickle"),
        ([RECIPES, {0: "background"}], "class 2 has no name"),
        ([{"00000000a0": True}, NAMES], "first pickle"),
    ],
)
def test_another_file(tmp_path, values, reason):
    with pytest.raises(SejeError, match=reason):
        read_classes(written(tmp_path / "classes1M.pkl", *values))


@pytest.mark.parametrize(
    "opcodes",
    [
        b"]" + pickle.LONG_BINPUT + b"\xff\xff\xff\x7f",  # remember a value at place 2**31
        pickle.BYTEARRAY8 + (1 << 34).to_bytes(8, "little"),
        pickle.BINUNICODE8 + (1 << 34).to_bytes(8, "little"),
        pickle.FRAME + (1 << 34).to_bytes(8, "little"),
        b")" + 100_000 * pickle.TUPLE1,  # hashing it would end the process
    ],
)
def test_a_few_bytes_cannot_ask_for_much_memory(tmp_path, opcodes):
    path = tmp_path / "classes1M.pkl"
    path.write_bytes(b"\x80\x04}" + opcodes + b"K\x01s." + pickle.dumps(NAMES))
    tracemalloc.start()
    with pytest.raises(SejeError, match="not im2recipe's file"):
        read_classes(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**22


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 200), st.binary(max_size=6))
def test_damage_is_said_in_one_line_or_does_no_harm(tmp_path_factory, place, bytes_):
    path = written(tmp_path_factory.mktemp("damaged") / "classes1M.pkl", RECIPES, NAMES)
    whole = path.read_bytes()
    path.write_bytes(whole[:place] + bytes_ + whole[place + len(bytes_) :])
    try:
        assert set(read_classes(path).recipes.values()) <= read_classes(path).names.keys() | {0}
    except SejeError as error:
        assert "\n" not in str(error)
