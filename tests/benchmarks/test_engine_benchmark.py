import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT
from PIL import Image

SCRIPT = ROOT / "benchmarks/engine.py"


@pytest.mark.slow
@pytest.mark.parametrize("nodes", [0, 1])
def test_each_way_packs_the_same_and_is_told(tmp_path, nodes):
    if nodes:
        pytest.importorskip("ray", reason="no Ray: pip install 'seje[ray]'")
    (tmp_path / "some").mkdir()
    for number in range(3):
        pixels = np.random.default_rng(number).integers(0, 256, (40, 60, 3), np.uint8)
        Image.fromarray(pixels).resize((600, 400)).save(tmp_path / f"some/{number}.jpg")
    sizes = ["--photos", "200", "--shard", "100", "--size", "300", "--nodes", str(nodes)]
    done = subprocess.run([sys.executable, SCRIPT, tmp_path, *sizes], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "200 photos, 300 pixels, shards of 100" in " ".join(done.stdout.split())
    rows = [line.strip("│ ").split("│") for line in done.stdout.splitlines() if line.startswith("│")]
    ways = ["threads", "processes", "ray 1"][: 2 + nodes]
    assert [row[0].strip() for row in rows] == ways
    assert all(float(row[-1]) > 0.02 for row in rows)  # Python alone holds more than 20 MB
