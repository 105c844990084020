import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from conftest import ROOT

from seje.corpus.settings import CorpusSettings
from seje.images import stage as images
from seje.images.settings import ImagesSettings
from seje.workspace import files, paths

SCRIPT = ROOT / "benchmarks/fuzz_photos.py"


@pytest.fixture(scope="module")
def fuzz():
    spec = importlib.util.spec_from_file_location("fuzz_photos", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_tenth_of_the_broken_photos(fuzz):
    """In a process of its own, for what its memory is; all are told for."""
    command = [sys.executable, str(SCRIPT), "--count", "200", "--seed", "1"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    counted = [line.split() for line in done.stdout.splitlines() if line[:6].strip().isdigit()]
    assert sum(int(count) for count, *_ in counted) == 200


def test_all_kinds_are_good_unbroken(fuzz):
    whole = fuzz.good_photos()
    assert fuzz.open_all(iter(whole.items())).outcomes == {"good": len(whole)}


def test_the_stage_counts_all_broken_photos(fuzz, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("raw/images").mkdir(parents=True)
    rows = []
    for number, (_, data) in enumerate(fuzz.broken_photos(fuzz.good_photos(), 100, seed=2)):
        Path(f"raw/images/{number:010x}.jpg").write_bytes(data)
        rows.append({"id": f"{number:010x}", "partition": "val", "photos": [f"{number:010x}.jpg"]})
    files.write_table(paths.Corpus.RECIPES, pa.Table.from_pylist(rows))
    corpus = CorpusSettings(
        source="raw", max_ingredients=20, max_instructions=20, split="given", leaks="keep", shard=100
    )
    images.run(ImagesSettings(per_recipe=1, size=32, quality=90), corpus)
    metrics = json.loads(paths.metrics("images").read_text())
    assert metrics["photos"]["all"] > 5 and metrics["rejected"]["all"] > 20
    assert metrics["photos"]["all"] + metrics["rejected"]["all"] == 100
