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


@pytest.mark.parametrize("items", [[], iter(())])
def test_nothing_to_do(items, capsys):
    assert list(progress.track(items, "nothing")) == []
    assert "nothing: 0 in" in capsys.readouterr().err
