"""The ablation table: rows of experiments.yaml, run by DVC for several seeds and read from its store."""

import io
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from seje.errors import SejeError
from seje.results import rank_files
from seje.results.paired import differences, direction_mean
from seje.results.rank_files import Ranks, stacked
from seje.retrieval.names import METRICS
from seje.workspace import paths

Value = bool | int | float | str | None
Partition = Literal["val", "test"]


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


def table(ablation: Ablation, partition: Partition) -> list[dict[str, Any]]:
    """What the rows reached over the seeds that are done, among all pairs of a partition.

    Returns:
        One dict a row: `row`, `seeds` (how many are done), `lost` (names of experiments that are done but
        have no ranks any more), `pairs`, and each measure as the mean of both directions, over seeds, with
        its standard deviation under `<measure> std` (0 for one seed). What a row differs from the first is
        under `<measure> diff`, from the queries and seeds that both have (`shared seeds`), with its 95 %
        interval under `<measure> low` and `<measure> high`. Rows of which no seed is done have no measures.
    """
    done = {name for name, state in _states().items() if state == "Success"}
    reached = {row: _ranks(ablation, row, done, partition) for row in ablation.rows}
    first = next(iter(reached.values()))
    rows = []
    for name, ranks in reached.items():
        expected = {seed: f"{name}-seed{seed}" for seed in ablation.seeds}
        lost = [of for seed, of in expected.items() if of in done and seed not in ranks]
        row = {"row": name, "seeds": len(ranks), "lost": lost, **_means(ranks)}
        rows.append(row if ranks is first else row | _differences(ranks, first))
    return rows


def _ranks(ablation: Ablation, row: str, done: set[str], partition: Partition) -> dict[int, Ranks]:
    """Ranks that a row reached, by seed, of the experiments that are done and still have them."""
    names = {seed: f"{row}-seed{seed}" for seed in ablation.seeds}
    read = {seed: _read_ranks(name, partition) for seed, name in names.items() if name in done}
    return {seed: ranks for seed, ranks in read.items() if ranks}


def _read_ranks(experiment: str, partition: Partition) -> Ranks:
    """Ranks of both directions by recipe id; nothing where DVC's cache has them no more."""
    import dvc.api
    from dvc.exceptions import DvcException

    try:
        with dvc.api.open(str(paths.Evaluation.RANKS), rev=experiment, mode="rb") as file:
            return rank_files.read(io.BytesIO(file.read())).get(partition, {})
    except (DvcException, OSError, rank_files.NoRanks):
        return {}


def _means(ranks: dict[int, Ranks]) -> dict[str, Any]:
    """Mean and standard deviation over seeds of each measure, the mean of both directions."""
    if not ranks:
        return {}
    reached = [direction_mean(stacked([one], list(one))[0]) for one in ranks.values()]
    row: dict[str, Any] = {"pairs": len(next(iter(ranks.values())))}
    for measure in METRICS:
        values = [one[measure] for one in reached]
        row[measure] = statistics.fmean(values)
        row[f"{measure} std"] = statistics.stdev(values) if len(values) > 1 else 0.0
    return row


def _differences(ranks: dict[int, Ranks], first: dict[int, Ranks]) -> dict[str, Any]:
    """What a row differs from the first, with intervals, from the seeds and the queries that both have."""
    seeds = sorted(ranks.keys() & first.keys())
    shared = [set(side[seed]) for side in (ranks, first) for seed in seeds]
    ids = sorted(set.intersection(*shared)) if shared else []
    if not ids:
        return {}
    one, other = (stacked([side[seed] for seed in seeds], ids) for side in (ranks, first))
    found: dict[str, Any] = {"shared seeds": len(seeds)}
    for measure, of in differences(one, other).items():
        found |= {f"{measure} diff": of.difference, f"{measure} low": of.low, f"{measure} high": of.high}
    return found


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
