import subprocess
import sys

import pytest
from conftest import ROOT

SCRIPT = ROOT / "benchmarks/kill_and_resume.py"


@pytest.mark.slow
def test_a_killed_stage_ends_with_the_same_bytes():
    command = [sys.executable, SCRIPT, "--times", "1", "--stage", "images"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "1 of 1 kills end with the same bytes" in done.stdout
    row = [cell.strip() for cell in done.stdout.splitlines()[-2].strip("│").split("│")]
    assert row[0] == "images" and row[3:] == ["yes", "0"]
