import subprocess
import sys

import pytest
from conftest import ROOT

SCRIPT = ROOT / "benchmarks/text.py"


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.slow
def test_it_measures_each_stage_at_each_size_and_its_growth():
    small = ["--set", "keyterms.epochs=1", "word2vec.epochs=1"]
    done = bench("60", "120", "--stages", "corpus", "ranking", *small)
    assert not done.returncode, done.stderr
    rows = [line.strip("│ ").split("│") for line in done.stdout.splitlines() if line.startswith("│")]
    cells = [[cell.strip() for cell in row] for row in rows]
    assert [row[:2] for row in cells] == [
        ["corpus", "60"],
        ["corpus", "120"],
        ["ranking", "60"],
        ["ranking", "120"],
    ]
    for row in cells:
        assert float(row[2]) > 0 and float(row[4]) > 0.02  # seconds; Python alone holds more than 20 MB


def test_an_unknown_key_is_said_before_anything_runs():
    done = bench("60", "--set", "ranking.unknown=1")
    assert done.returncode == 1
    assert "params.yaml has no ranking.unknown" in done.stderr
