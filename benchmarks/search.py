"""How fast the index answers, and how often rightly.

    python benchmarks/search.py                      # 1,000,000 random unit vectors of 1024 dimensions
    python benchmarks/search.py --vectors 200000 --kinds flat

Prints one JSON object a line. Random vectors are the hardest case: no query has a neighbour that is near.
`--clusters` draws them about so many centres instead, as a trained embedding does lie about its dishes.
Queries are vectors of the same kind that the index lacks.
"""

import json
import resource
import tempfile
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from seje.index.faiss_index import Floats, Index, exact, recall

BLOCK = 50_000
SPREAD = 0.7  # length of the noise about a centre of length 1


def main(
    vectors: Annotated[int, typer.Option(help="How many are indexed.")] = 1_000_000,
    dimensions: int = 1024,
    queries: int = 200,
    kinds: str = "flat,rabitq",
    clusters: Annotated[int, typer.Option(help="0: random vectors.")] = 0,
    aim: Annotated[float, typer.Option(help="Recall@10 that a search is widened for.")] = 0.95,
) -> None:
    """Measure build time, size, memory, latency and recall@10 of each kind of index."""
    with tempfile.TemporaryDirectory() as name:
        held, asked = draw(Path(name) / "vectors.npy", vectors, dimensions, queries, clusters)
        start = time.perf_counter()
        best = exact(asked, held, 10)[0]
        tell(kind="numpy, exact", seconds_per_query=(time.perf_counter() - start) / queries)
        for kind in kinds.split(","):
            measure(kind, held, asked, best, Path(name) / "index", aim)


def draw(path: Path, count: int, dimensions: int, queries: int, clusters: int) -> tuple[Floats, Floats]:
    """Write random unit vectors to a file, and draw queries: (count, dimensions), (queries, dimensions)."""
    random = np.random.default_rng(0)
    centres = unit(random.standard_normal((clusters, dimensions), np.float32)) if clusters else None

    def some(number: int) -> Floats:
        """Unit vectors, around the centres if there are any."""
        noise = random.standard_normal((number, dimensions), np.float32)
        if centres is None:
            return unit(noise)
        return unit(centres[random.integers(clusters, size=number)] + SPREAD * unit(noise))

    asked = some(queries)
    held = np.lib.format.open_memmap(path, "w+", np.float32, (count, dimensions))
    for start in range(0, count, BLOCK):
        held[start : start + BLOCK] = some(len(held[start : start + BLOCK]))
    return held, asked


def unit(vectors: Floats) -> Floats:
    """Scale rows to length 1."""
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def measure(kind: str, held: Floats, asked: Floats, best: Floats, path: Path, aim: float) -> None:
    """Build, widen, save, load and ask one index, one query at a time."""
    start = time.perf_counter()
    built = Index.build(held, kind)
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    built.widen(asked, held, aim)
    widening = time.perf_counter() - start
    built.save(path)
    del built
    index = Index.load(path)
    index.search(asked, 10)  # the file's pages come into memory
    taken = []
    for query in asked:
        start = time.perf_counter()
        index.search(query[None], 10)
        taken.append(time.perf_counter() - start)
    tell(
        kind=kind,
        build_s=seconds,
        widen_s=widening,
        file_mb=path.stat().st_size / 2**20,
        peak_memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10,
        **latency(taken),
        **{"recall@10": recall(index, asked, held, best)},
    )


def latency(seconds: list[float]) -> dict[str, float]:
    """Median and 95th percentile in milliseconds."""
    return {f"p{part}_ms": 1000 * float(np.percentile(seconds, part)) for part in (50, 95)}


def tell(**facts: str | float) -> None:
    """Print facts as one line of JSON."""
    shown = {name: round(fact, 4) if isinstance(fact, float) else fact for name, fact in facts.items()}
    print(json.dumps(shown), flush=True)


if __name__ == "__main__":
    typer.run(main)
