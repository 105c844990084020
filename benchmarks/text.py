"""Text stages at size: seconds, recipes per second, peak memory, and how they grow with the corpus.

    python benchmarks/text.py                                   # 10,000 and 100,000 recipes
    python benchmarks/text.py 1000000 --stages corpus keyterms ranking --set word2vec.epochs=1

Makes text-only kitchens in a temporary folder and runs `python -m seje STAGE` on each, with params.yaml and
the values given by --set. Seconds are wall time of the whole command, its imports and training included;
what a stage says of its parts is shown when it ends. Memory is the largest sum of what the stage's processes
hold, seen every half second: pages that they share count once (proportional set size).
"""

import argparse
import math
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import yaml
from rich.console import Console
from rich.table import Table
from watching import held

ROOT = Path(__file__).parents[1]
MEASURED = ["corpus", "word2vec", "keyterms", "ranking", "instructions"]
NEEDED = {"keyterms": ["word2vec"], "ranking": ["word2vec", "keyterms"], "instructions": ["word2vec"]}


def main() -> None:
    """Measure each size, print one table."""
    arguments = parse()
    measured = {size: measure_size(size, arguments.stages, arguments.set) for size in arguments.sizes}
    Console().print(table(measured))


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sizes", type=int, nargs="*", default=[10_000, 100_000], help="numbers of recipes")
    parser.add_argument("--stages", nargs="+", choices=MEASURED, default=MEASURED, help="stages to measure")
    parser.add_argument(
        "--set", nargs="+", default=[], metavar="KEY=VALUE", help="other values of params.yaml"
    )
    return parser.parse_args()


def measure_size(recipes: int, stages: list[str], changes: list[str]) -> dict[str, tuple[float, int]]:
    """Seconds and peak bytes of each stage on a kitchen of so many recipes."""
    needed = {"corpus", *stages, *(name for stage in stages for name in NEEDED.get(stage, []))}
    with tempfile.TemporaryDirectory() as folder:
        given = [f"kitchen.recipes={recipes}", "kitchen.photos=false", *changes]
        (Path(folder) / "params.yaml").write_text(yaml.safe_dump(params(given)), encoding="utf-8")
        measure("kitchen", folder)
        found = {stage: measure(stage, folder) for stage in MEASURED if stage in needed}
    return {stage: found[stage] for stage in stages}


def params(changes: list[str]) -> dict[str, dict[str, Any]]:
    """Sections of params.yaml with some values changed, each given as section.key=value."""
    sections: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    for change in changes:
        key, _, value = change.partition("=")
        section, _, name = key.partition(".")
        if name not in sections.get(section, {}):
            sys.exit(f"--set {change}: params.yaml has no {key}")
        sections[section][name] = yaml.safe_load(value)
    return sections


def measure(stage: str, folder: str) -> tuple[float, int]:
    """Run a stage to its end: seconds, and the most bytes that it and its children held together."""
    start, peak = time.monotonic(), 0
    log = Path(folder) / "log"
    with log.open("w") as said, psutil.Popen(command(stage), cwd=folder, stderr=said) as process:
        while process.poll() is None:
            peak = max(peak, held(process))
            time.sleep(0.5)
    seconds, told = time.monotonic() - start, log.read_text()
    if process.returncode:
        sys.exit(f"seje {stage}: {told[-500:]}")
    print(f"{told}{stage}: {seconds:.1f} s, {peak / 1e9:.2f} GB", file=sys.stderr, flush=True)
    return seconds, peak


def command(stage: str) -> list[str]:
    """The command of a stage, as dvc.yaml has it, under this Python."""
    return [sys.executable, "-m", "seje", stage]


def table(measured: dict[int, dict[str, tuple[float, int]]]) -> Table:
    """A row for each stage and size; the exponent says how the seconds grew from the size before."""
    shown = Table(title="Text stages on text-only kitchens")
    for column in ("stage", "recipes", "seconds", "recipes/s", "peak GB", "growth"):
        shown.add_column(column, justify="left" if column == "stage" else "right")
    sizes = sorted(measured)
    for stage in measured[sizes[0]]:
        for before, size in zip([None, *sizes], sizes, strict=False):
            seconds, peak = measured[size][stage]
            growth = ""
            if before:
                growth = f"{math.log(seconds / measured[before][stage][0]) / math.log(size / before):.2f}"
            cells = f"{size:,}", f"{seconds:.1f}", f"{size / seconds:,.0f}", f"{peak / 1e9:.2f}", growth
            shown.add_row(stage, *cells)
    return shown


if __name__ == "__main__":
    main()
