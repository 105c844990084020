import subprocess
import sys

import pytest
from conftest import ROOT


@pytest.mark.slow
def test_a_tenth_of_the_fuzz_run_loses_nothing():
    command = [sys.executable, str(ROOT / "benchmarks/fuzz_text.py"), "1000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert not done.returncode, done.stderr[-2000:]
    assert "1000 records: " in done.stdout and "lines tagged" in done.stdout
