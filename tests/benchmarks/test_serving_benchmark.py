import json
import subprocess
import sys

import pytest
from conftest import ROOT


@pytest.mark.slow
def test_the_server_is_measured(small_pipeline):
    options = ["--clients", "4", "--seconds", "1", "--workers", "2", "--slow", "20"]
    command = [sys.executable, str(ROOT / "benchmarks/serving.py"), *options]
    done = subprocess.run(command, cwd=small_pipeline, capture_output=True, text=True, check=True)
    words, photos, server = map(json.loads, done.stdout.splitlines())
    assert (words["asked_with"], photos["asked_with"]) == ("words", "photos")
    for found in (words, photos):
        assert found["answered"] > 0 and found["errors"] == 0 and 0 < found["p50_ms"] <= found["p95_ms"]
    assert server["first_errors"] == [] and 0 < server["start_mb"] and 0 < server["end_mb"]
