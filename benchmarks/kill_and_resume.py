"""Kill stages of phase I at random moments, run them again, and compare every byte.

    python benchmarks/kill_and_resume.py                  # 30 times
    python benchmarks/kill_and_resume.py --times 5 --seed 2 --stage images --stage ranking

Makes a small kitchen in shards in a temporary folder and runs each stage once. Then, time after time:
deletes a stage's folder, as DVC does, starts the stage, kills it (SIGKILL) at a random moment, waits until
all of its processes are gone, and runs it again. Its files must be the same as the first time. Shows how
many shards were kept. Ends with 1 where a file differs, or a process outlives its parent.
"""

import hashlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import psutil
import typer
import yaml
from rich.console import Console
from rich.table import Table

from seje.workspace.lineage import READS

ROOT = Path(__file__).parents[1]
BEFORE = ["kitchen", "corpus"]
STAGES = ["images", "word2vec", "keyterms", "ranking", "instructions", "categories"]
SMALL = {
    # Photos large enough for most of the seconds to be work, not the start of Python.
    "kitchen": {"recipes": 96, "pixels": 256, "labelled_train": 4, "labelled_test": 2},
    "corpus": {"shard": 12},
    "images": {"size": 224},
    "word2vec": {"epochs": 1},
    "keyterms": {"epochs": 1},
    "instructions": {"epochs": 1},
    "categories": {"backbone": "resnet18", "epochs": 1, "shallow": 0.0},
}
OUTLIVES = 30.0  # seconds, after which a process that is still there counts as left behind


class Trial(NamedTuple):
    """One kill."""

    stage: str
    second: float
    kept: str  # shards that the second run found, as it says
    same: bool
    left: int  # processes that outlived their parent


def main(
    times: Annotated[int, typer.Option(help="Kills.")] = 30,
    seed: Annotated[int, typer.Option(help="Of stages and moments.")] = 1,
    stage: Annotated[list[str] | None, typer.Option(help="Kill these only.")] = None,
) -> None:
    """Kill so often, and print a row for each."""
    draw, chosen = random.Random(seed), stage or STAGES
    needed = {*chosen, *(read for name in chosen for read in READS[name])}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "params.yaml").write_text(yaml.safe_dump(params()))
        for name in BEFORE:
            finish(start(name, folder))
        took = {name: timed(name, folder) for name in STAGES if name in needed}
        first = {name: contents(name, folder) for name in took}
        trials = []
        for _ in range(times):
            name = draw.choice(chosen)
            trials.append(trial(name, draw.uniform(0, took[name]), folder, first[name]))
            print(*trials[-1], file=sys.stderr, flush=True)
    Console().print(table(trials))
    raise typer.Exit(0 if all(one.same and not one.left for one in trials) else 1)


def params() -> dict[str, dict[str, Any]]:
    """The kitchen's parameters, made small."""
    sections: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "params.yaml").read_text())
    for section, values in SMALL.items():
        sections[section] |= values
    return sections


def start(stage: str, folder: Path) -> psutil.Popen:
    """Start a stage in a folder."""
    command = [sys.executable, "-m", "seje", stage]
    return psutil.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)


def finish(process: psutil.Popen) -> str:
    """Wait for a stage to end well; what it says."""
    _, said = process.communicate()
    if process.returncode:
        sys.exit(said[-1000:])
    return str(said)


def timed(stage: str, folder: Path) -> float:
    """Run a stage; the seconds that it takes."""
    began = time.monotonic()
    finish(start(stage, folder))
    return time.monotonic() - began


def trial(stage: str, second: float, folder: Path, first: dict[str, str]) -> Trial:
    """Kill a stage after so many seconds, and run it again."""
    made = folder / "pipeline" / stage
    shutil.rmtree(made)
    process = start(stage, folder)
    time.sleep(second)
    family = [process, *descendants(process)]
    process.kill()
    process.wait()
    _, left = psutil.wait_procs(family, timeout=OUTLIVES)
    shutil.rmtree(made, ignore_errors=True)
    said = finish(start(stage, folder))
    kept = ", ".join(re.findall(r": (\d+ of \d+) shards were there", said))
    return Trial(stage, second, kept, contents(stage, folder) == first, len(left))


def descendants(process: psutil.Popen) -> list[psutil.Process]:
    """Processes that a stage has started; none where it has ended by itself."""
    try:
        return list(process.children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def contents(stage: str, folder: Path) -> dict[str, str]:
    """Hash every file that a stage has written."""
    found = [*(folder / "pipeline" / stage).iterdir(), folder / f"metrics/{stage}.json"]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def table(trials: list[Trial]) -> Table:
    """A row for each kill."""
    same = sum(one.same for one in trials)
    shown = Table(title=f"{same} of {len(trials)} kills end with the same bytes")
    for column in ("stage", "killed after", "shards kept", "same bytes", "processes left"):
        shown.add_column(column)
    for one in trials:
        cells = one.stage, f"{one.second:.1f} s", one.kept, "yes" if one.same else "NO", str(one.left)
        shown.add_row(*cells)
    return shown


if __name__ == "__main__":
    typer.run(main)
