import json
import subprocess
import sys

from conftest import ROOT


def run(folder, *words):
    command = [sys.executable, str(ROOT / "benchmarks/search.py"), *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_kind_is_measured(tmp_path):
    few = ["--vectors", "3000", "--dimensions", "32", "--queries", "20"]
    first, *found = run(tmp_path, *few, "--clusters", "10")
    assert first["kind"] == "numpy, exact"
    assert [line["kind"] for line in found] == ["flat", "rabitq"]
    for line in found:
        assert 0 < line["p50_ms"] <= line["p95_ms"] and 0.5 < line["recall@10"] <= 1
    assert list(tmp_path.iterdir()) == []
