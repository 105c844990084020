"""Whether two models differ on the same pairs: paired differences of two files of ranks."""

from pathlib import Path
from typing import Any

from seje.errors import SejeError
from seje.results import rank_files
from seje.results.paired import Difference, differences
from seje.results.rank_files import NoRanks, Ranks, stacked
from seje.retrieval.names import DIRECTIONS

BOTH = "both"  # the mean of both directions


def compare(one: Path, other: Path, partition: str | None = None) -> dict[str, Any]:
    """Compare ranks of the same pairs, in one partition or in each that both files hold.

    Returns:
        Of each partition {"pairs": N, "differences": {way: {measure: {"a", "b", "difference", "low", "high",
        "differs"}}}}: a less b with its 95 % interval, and whether that leaves 0 out; a way is a direction,
        or `both`, their mean.

    Raises SejeError where a file holds no ranks, or ranks of other pairs than the other file: they are
    among other candidates, and not to be compared.
    """
    sides = [_read(path) for path in (one, other)]
    names = [name for name in sides[0] if name in sides[1] and partition in {None, name}]
    if not names:
        held = ", ".join(
            f"{path} has {' and '.join(side)}" for path, side in zip((one, other), sides, strict=True)
        )
        wanted = f"ranks of {partition}" if partition else "a partition"
        raise SejeError(f"the two files do not share {wanted}: {held}; evaluate both on the same collection")
    return {name: _compared(one, other, name, *(side[name] for side in sides)) for name in names}


def _read(path: Path) -> dict[str, Ranks]:
    try:
        with path.open("rb") as file:
            found = rank_files.read(file)
        for partition, pairs in found.items():
            if not all(1 <= rank <= len(pairs) for both in pairs.values() for rank in both):
                raise NoRanks(f"some are not among the {len(pairs)} pairs of {partition}")
    except NoRanks as error:
        raise SejeError(
            f"{path}: no ranks ({error}): give what `seje evaluate --save` or the stage evaluation wrote"
        ) from None
    return found


def _compared(one: Path, other: Path, name: str, a: Ranks, b: Ranks) -> dict[str, Any]:
    if a.keys() != b.keys():
        alone = f"{len(a.keys() - b.keys())} of {len(a)} are in {one} alone"
        alone += f", {len(b.keys() - a.keys())} of {len(b)} in {other} alone"
        raise SejeError(
            f"the pairs of {name} differ: {alone}; ranks among other candidates cannot be compared: evaluate "
            "both on the same collection"
        )
    both = [stacked([side], sorted(a)) for side in (a, b)]
    ways = {BOTH: slice(None)} | {way: slice(row, row + 1) for row, way in enumerate(DIRECTIONS)}
    found = {way: differences(*(ranks[:, rows] for ranks in both)) for way, rows in ways.items()}
    plain = {way: {name: _plain(of) for name, of in each.items()} for way, each in found.items()}
    return {"pairs": len(a), "differences": plain}


def _plain(of: Difference) -> dict[str, Any]:
    ends = {"low": of.low, "high": of.high, "differs": of.told_apart}
    return {"a": of.one, "b": of.other, "difference": of.difference} | ends
