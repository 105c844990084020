import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from conftest import ROOT
from PIL import Image

SCRIPT = ROOT / "benchmarks/engine.py"


@pytest.mark.slow
def test_each_way_packs_the_same_and_is_told(tmp_path):
    nodes = int(find_spec("ray") is not None)
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
