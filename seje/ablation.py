"""The ablation table: rows of experiments.yaml, run by DVC for several seeds and read from its store."""

import statistics
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from seje import paths
from seje.errors import SejeError

MEASURES = ("MedR", "R@1", "R@5", "R@10")
Value = bool | int | float | str | None


class Ablation(BaseModel):
    """experiments.yaml: seeds of `joint`, and rows with what each changes in params.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seeds: Annotated[tuple[int, ...], Field(min_length=1)]
    rows: Annotated[
        dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$")], dict[str, Value]],
        Field(min_length=1),
    ]

    def experiments(self) -> dict[str, dict[str, Value]]:
        """Every experiment under its name, `<row>-seed<seed>`, with all that it changes."""
        return {
            f"{row}-seed{seed}": {**changes, "joint.seed": seed}
            for seed in self.seeds
            for row, changes in self.rows.items()
        }


def read(path: Path) -> Ablation:
    """Read experiments.yaml; raises SejeError with one line that says what is wrong."""
    try:
        return Ablation.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise SejeError(f"{path} is missing: run in the repository's root, or give --experiments") from None
    except yaml.YAMLError as error:
        raise SejeError(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise SejeError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def queue(ablation: Ablation) -> list[str]:
    """Queue the experiments that DVC has neither done nor waiting under this commit; their names."""
    there = {name for name, state in _states().items() if state != "Failed"}
    missing = {name: changes for name, changes in ablation.experiments().items() if name not in there}
    for name, changes in missing.items():
        sets = [part for key, value in changes.items() for part in ("-S", f"{key}={_spelled(value)}")]
        _dvc("exp", "run", "--queue", "--name", name, *sets, "evaluation")
    return list(missing)


def table(ablation: Ablation) -> list[dict[str, Any]]:
    """What the rows reached over the seeds that are done, on the largest pool.

    Returns:
        One dict a row: `row`, `seeds` (how many are done), each measure as the mean of both directions, over
        seeds, its standard deviation under `<measure> std` (0 for one seed), and its difference to the first
        row under `<measure> diff`. Rows of which no seed is done have no measures.
    """
    done = {name for name, state in _states().items() if state == "Success"}
    found = [
        {"row": row, **_row([f"{row}-seed{seed}" for seed in ablation.seeds if f"{row}-seed{seed}" in done])}
        for row in ablation.rows
    ]
    first = found[0]
    for row in found:
        row |= {f"{name} diff": row[name] - first[name] for name in MEASURES if name in row and name in first}
    return found


def _row(names: list[str]) -> dict[str, Any]:
    reached = [_reached(name) for name in names]
    row: dict[str, Any] = {"seeds": len(names)}
    for measure in MEASURES if reached else ():
        values = [one[measure] for one in reached]
        row[measure] = statistics.fmean(values)
        row[f"{measure} std"] = statistics.stdev(values) if len(values) > 1 else 0.0
    return row


def _reached(name: str) -> dict[str, float]:
    """Measures of one experiment on its largest pool, mean of both directions."""
    import dvc.api

    results = dvc.api.metrics_show(str(paths.metrics("evaluation")), rev=name)
    pools = [found for found in results.values() if isinstance(found, dict) and "image_to_recipe" in found]
    ways = [pools[-1][way] for way in ("image_to_recipe", "recipe_to_image")]
    return {measure: statistics.fmean(way[measure] for way in ways) for measure in MEASURES}


def _states() -> dict[str, str]:
    """State of every experiment of this commit: Success, Queued, Running or Failed."""
    import dvc.api
    from dvc.exceptions import DvcException

    try:
        shown = dvc.api.exp_show()
    except DvcException as error:
        raise SejeError(f"ablation: DVC shows no experiments here: {error}") from None
    # DVC gives no state to an experiment that is done.
    return {row["Experiment"]: row["State"] or "Success" for row in shown if row["Experiment"]}


def _spelled(value: Value) -> str:
    return str(yaml.safe_dump(value, default_flow_style=True)).split("\n")[0]


def _dvc(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "dvc", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise SejeError(f"ablation: dvc {' '.join(arguments)}: {done.stderr.strip().splitlines()[-1]}")
