import subprocess
import sys

import pytest
from conftest import ROOT


@pytest.mark.slow
def test_it_prints_both_tables():
    sizes = ["--batch", "2", "--calls", "1", "--threads", "1", "--backbone", "resnet50"]
    found = subprocess.run(
        [sys.executable, ROOT / "benchmarks/convolution.py", *sizes], capture_output=True, text=True, cwd=ROOT
    )
    assert found.returncode == 0, found.stderr
    for part in ("layers, batch 2, 1 threads", "a step of resnet50, batch 2", "matrix", "shallow", "bf16"):
        assert part in found.stdout
