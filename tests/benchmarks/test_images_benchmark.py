import importlib.util
import subprocess
import sys

import numpy as np
import pytest
import torch
from conftest import ROOT
from PIL import Image

SCRIPT = ROOT / "benchmarks/images.py"


@pytest.fixture
def folder(tmp_path):
    generator = np.random.default_rng(0)
    for number in range(9):
        pixels = generator.integers(0, 256, (8, 12, 3), np.uint8)
        (tmp_path / f"{number % 2}").mkdir(exist_ok=True)
        Image.fromarray(pixels).resize((96, 64)).save(tmp_path / f"{number % 2}/{number}.jpg", quality=95)
    (tmp_path / "0/broken.jpg").write_bytes(b"broken")
    return tmp_path


@pytest.mark.slow
def test_it_prints_speeds_of_all_ways(folder):
    command = [sys.executable, str(SCRIPT), str(folder), "--size", "32", "--workers", "1"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    said = " ".join(done.stdout.split())
    assert "9 photos, 32 pixels" in said and "seje's store" in said
    assert "(a) the files" in said and "(b) shrunk files" in said and "packed" in said


def test_all_ways_give_the_same_photos(folder, tmp_path_factory):
    spec = importlib.util.spec_from_file_location("images_benchmark", SCRIPT)
    assert spec and spec.loader
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    made = tmp_path_factory.mktemp("made")
    store, _ = benchmark.pack(sorted(folder.rglob("*.jpg")), made, 64)
    ours = torch.cat(list(benchmark.stored(store, 56, False)))
    for name in ("files", "shrunk"):
        theirs = torch.cat(list(benchmark.loaded(made / name, 64, False, 0)))
        assert ours.shape == theirs.shape == (9, 3, 56, 56)
        assert (ours - theirs).abs().mean() < 0.2
    for read in (benchmark.stored(store, 56, True), benchmark.loaded(made / "files", 64, True, 0)):
        assert torch.cat(list(read)).shape == (9, 3, 56, 56)
