import pytest

from seje import progress


def test_items_pass_and_the_log_stays_sparse(capsys):
    assert list(progress.track(range(1000), "counting")) == list(range(1000))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("counting: 1000 in ")


def test_long_work_shows_a_line_now_and_then(capsys, monkeypatch):
    clock = iter(range(0, 1000, 4))  # every look at the clock is four seconds later
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(clock)))
    list(progress.track((n for n in range(6)), "counting", total=6))
    assert [line.split(",")[0] for line in capsys.readouterr().err.splitlines()] == [
        "counting: 3 of 6",
        "counting: 6 of 6",
        "counting: 6 in 28.0 s",
    ]


@pytest.mark.parametrize("total", [0, 1, 4, 5, 8])
def test_blocks_cover_all_and_a_single_one_is_not_announced(total, capsys):
    parts = list(progress.blocks(total, 4, "things"))
    assert [item for part in parts for item in range(total)[part]] == list(range(total))
    assert all(0 < part.stop - part.start <= 4 for part in parts)
    assert ("things, blocks of 4: 2 in" in capsys.readouterr().err) == (total > 4)


@pytest.mark.parametrize("items", [[], iter(())])
def test_nothing_to_do(items, capsys):
    assert list(progress.track(items, "nothing")) == []
    assert "nothing: 0 in" in capsys.readouterr().err
