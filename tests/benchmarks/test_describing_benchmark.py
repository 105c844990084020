import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT
from PIL import Image

from seje.photos.decoding import encode
from seje.photos.store import store_writer


@pytest.mark.slow
def test_it_tells_both_speeds(tmp_path):
    store = tmp_path / "images.arrow"
    with store_writer(store, 32) as keep:
        for row in range(3):
            pixels = np.random.default_rng(row).integers(0, 256, (32, 32, 3), np.uint8)
            jpeg = encode(Image.fromarray(pixels), 90)
            keep({"photo": f"{row}.jpg", "recipe": row, "partition": "train", "jpeg": jpeg})
    command = [sys.executable, ROOT / "benchmarks/describing.py", store, "--views", "2", "--rounds", "1"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (
        "lite0, 2 views of 224 pixels, one thread, 3 photos" in done.stdout
        and "of it; all at once" in done.stdout
    )
