import importlib.util
import subprocess
import sys

from conftest import ROOT

from seje.retrieval.ranks import ranks

SCRIPT = ROOT / "benchmarks/evaluation.py"


def test_it_prints_times_and_memory():
    sizes = ["--pairs", "300", "--pool", "200", "--draws", "2", "--dimensions", "16"]
    found = subprocess.run(
        [sys.executable, SCRIPT, *sizes], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert "2 draws of 200 of 300 pairs, 16-d, both directions" in " ".join(found.stdout.split())
    assert "loop over pairs" in found.stdout and "product alone" in found.stdout and "MB" in found.stdout


def test_the_loop_finds_the_same_ranks():
    spec = importlib.util.spec_from_file_location("evaluation_benchmark", SCRIPT)
    assert spec and spec.loader
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    images, recipes = benchmark.embeddings(120, 8)
    to_recipe, to_image = ranks(images, recipes)
    assert benchmark.loop(images, recipes) == to_recipe[: benchmark.QUERIES].tolist()
    assert benchmark.loop(recipes, images) == to_image[: benchmark.QUERIES].tolist()
