"""How fast the evaluator is: draws of pairs in both directions, against a loop and against the bare product.

    python benchmarks/evaluation.py

(a) The loop is how scripts of published models rank: a distance for each pair, a sort for each query. It is
timed on a few queries and multiplied. (b) The product of the same draws alone is the limit. Memory is what
the process held at most up to the end of our run: interpreter, vectors and all.
"""

import argparse
import os
import resource
import time
from collections.abc import Callable

import numpy as np
from rich.console import Console
from rich.table import Table

from seje.retrieval.protocol import Estimates, draws, estimates, pool_name, ranked_draws
from seje.retrieval.ranks import Embeddings

QUERIES = 5  # that the loop is timed on
SEED = 1234


def embeddings(pairs: int, dimensions: int) -> tuple[Embeddings, Embeddings]:
    """Unit vectors of random pairs: recipes are their photos with noise."""
    random = np.random.default_rng(SEED)
    images = random.standard_normal((pairs, dimensions), np.float32)
    recipes = images + 4 * random.standard_normal(images.shape, np.float32)
    return unit(images), unit(recipes)


def unit(vectors: Embeddings) -> Embeddings:
    """Scale each row to length 1, in place."""
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def seje(images: Embeddings, recipes: Embeddings, pool: int, count: int) -> Estimates:
    """Ranks in both directions, means, deviations and intervals."""
    drawn = ranked_draws(images, recipes, pool, count, SEED)
    return {pool_name(pool, len(images)): estimates(drawn, len(images))}


def product(images: Embeddings, recipes: Embeddings, pool: int, count: int) -> None:
    """Similarities of all draws and nothing else."""
    for rows in draws(len(images), pool, count, SEED):
        np.matmul(images[rows], recipes[rows].T)


def loop(queries: Embeddings, items: Embeddings) -> list[int]:
    """Rank the matches of the first queries: a distance for each pair, a sort for each query."""
    ranks = []
    for i, query in enumerate(queries[:QUERIES]):
        distances = [float(np.linalg.norm(query - item)) for item in items]
        ranks.append(sorted(range(len(items)), key=distances.__getitem__).index(i) + 1)
    return ranks


def seconds(function: Callable[..., object], *arguments: object) -> float:
    """Time of the faster of two runs: the first one warms up."""
    times = []
    for _ in range(2):
        start = time.perf_counter()
        function(*arguments)
        times.append(time.perf_counter() - start)
    return min(times)


def measure(pairs: int, pool: int, count: int, dimensions: int) -> Table:
    """Run all three and lay out their times. The product comes last: it holds a whole pool's similarities."""
    images, recipes = embeddings(pairs, dimensions)
    ours = seconds(seje, images, recipes, pool, count)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    part = min(QUERIES, pool)
    looped = seconds(loop, images[:pool], recipes[:pool]) / part * pool * count * 2
    bare = seconds(product, images, recipes, pool, count)
    table = Table(title=f"{count} draws of {pool} of {pairs} pairs, {dimensions}-d, both directions")
    for column in ("", "seconds", "of seje's"):
        table.add_column(column, justify="left" if not column else "right")
    table.add_row("seje: ranks, means, intervals", f"{ours:.2f}", "1")
    table.add_row(f"(a) loop over pairs, from {part} queries", f"{looped:.0f}", f"{looped / ours:.0f}")
    table.add_row("(b) the product alone", f"{bare:.2f}", f"{bare / ours:.2f}")
    table.caption = (
        f"{looped / ours:.0f} times as fast as (a), {ours / bare:.2f} times the time of (b); "
        f"peak memory of the process {memory:.0f} MB; {os.cpu_count()} cores"
    )
    return table


def main() -> None:
    """Read the sizes from the command line and print the table."""
    parser = argparse.ArgumentParser(description="Time the evaluator.")
    for name, value in (("pairs", 20_000), ("pool", 10_000), ("draws", 10), ("dimensions", 1024)):
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    Console().print(measure(given.pairs, given.pool, given.draws, given.dimensions))


if __name__ == "__main__":
    main()
