import subprocess
import sys

import pytest
from conftest import ROOT


@pytest.mark.slow
def test_it_prints_both_tables():
    sizes = ["--batch", "4", "--width", "16", "--terms", "8", "--steps", "1", "--pixels", "resnet18"]
    found = subprocess.run(
        [sys.executable, ROOT / "benchmarks/joint.py", *sizes], capture_output=True, text=True, cwd=ROOT
    )
    assert found.returncode == 0, found.stderr
    for part in ("cached features, batch 4, width 16", "resnet18, batch 4", "LSTM", "the limit", "100.0%"):
        assert part in found.stdout
