from io import StringIO

import pytest
from rich.console import Console

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


def epoch_cells(number):
    return {"epoch": str(number), "loss": f"{1 / number:.2f}"}


def test_a_log_has_a_plain_line_for_each_row(capsys):
    for number in progress.tabulate(iter([1, 2]), epoch_cells):
        assert f"epoch {number}" not in capsys.readouterr().err  # it is shown once it is dealt with
    assert capsys.readouterr().err == "epoch 2 loss 0.50\n"


def test_a_terminal_has_a_table_of_the_last_rows(monkeypatch):
    terminal = Console(file=StringIO(), force_terminal=True, width=60, legacy_windows=False)
    monkeypatch.setattr(progress, "console", terminal)
    assert list(progress.tabulate(iter(range(1, 41)), epoch_cells)) == list(range(1, 41))
    last = terminal.file.getvalue().split("epoch")[-1]
    shown = [line.split()[0] for line in last.splitlines()[1:] if line.strip() and line.split()[0].isdigit()]
    assert shown == [str(number) for number in range(26, 41)]
