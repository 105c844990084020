"""The stage images' packing on each engine: threads, processes, and Ray with one, two and three nodes.

    python benchmarks/engine.py FOLDER                               # any folder with photos in it
    python benchmarks/engine.py FOLDER --photos 6144 --shard 2048 --size 224

Photos are taken again and again until there are enough. Each way packs all of them once, in a process of its
own, and, before, one photo for each shard: what that takes is its start-up, and is taken off. Both happen
twice, and the one with fewer seconds of CPU counts, since the machine may be at other work. Threads make
one shard of all photos in one process, as the stage does by default with so few; processes are as many as
cores; each node of Ray has one core and lies on this machine, with the head and the nodes started before. CPU
is that of all processes, Ray's own too. All ways must give the same photos.
"""

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import typer
from rich.console import Console
from rich.table import Table
from watching import Watch

from seje.images.packing import PHOTOS, Packer
from seje.images.settings import ImagesSettings
from seje.photos.store import Photos
from seje.shards import manifest
from seje.shards.engine import Engine
from seje.shards.place import File, Place, describe
from seje.shards.work import Task, Worker

ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}
# Everything on this machine's loopback, and nothing is written to the home folder or sent anywhere.
RAY = {
    "RAY_AUTH_MODE": "disabled",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "OMP_NUM_THREADS": "1",
}


class Cost(NamedTuple):
    """What a way took, beyond its start-up, and the start-up."""

    way: str
    start: Watch
    whole: Watch


def main(
    folder: Path,
    photos: Annotated[int, typer.Option(help="Photos to pack.")] = 6144,
    shard: Annotated[int, typer.Option(help="Photos of a shard.")] = 2048,
    size: Annotated[int, typer.Option(help="Shorter side in the store, in pixels.")] = 224,
    nodes: Annotated[int, typer.Option(help="Of Ray, at most; 0: without Ray.")] = 3,
) -> None:
    """Measure each way, and print a table."""
    with tempfile.TemporaryDirectory() as name:
        made = Path(name)
        link(folder, made / "images", photos)
        shards = -(-photos // shard)
        sizes = {"whole": (photos, shard), "start": (shards, 1), "all": (photos, photos), "one": (1, 1)}
        for kind, (most, each) in sizes.items():
            write_recipes(made / kind / "recipes.parquet", most, each)
        costs = list(measure(made, size, nodes))
    Console().print(table(costs, photos, shard, size))


def link(folder: Path, images: Path, most: int) -> None:
    """Have so many photos under names of their own."""
    found = sorted(path.resolve() for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)
    if not found:
        sys.exit(f"{folder}: no photos")
    images.mkdir()
    for number, path in enumerate(islice(cycle(found), most)):
        (images / f"{number:09}.jpg").symlink_to(path)


def write_recipes(path: Path, photos: int, shard: int) -> None:
    """Write a corpus of one recipe for each photo, in shards."""
    parts = path.with_name("parts")
    parts.mkdir(parents=True)
    files: list[File] = []
    for first in range(0, photos, shard):
        numbers = range(first, min(first + shard, photos))
        rows = [{"id": f"{n:010}", "partition": "train", "photos": [f"{n:09}.jpg"]} for n in numbers]
        part = parts / f"{len(files):05}.parquet"
        pq.write_table(pa.Table.from_pylist(rows), part)
        files.append(describe(part, part.name, len(rows)))
    manifest.place_at(path, files, Place(str(parts)), stored=False)


def measure(made: Path, size: int, nodes: int) -> Iterator[Cost]:
    """Measure each way; all must pack the same."""
    expected = None
    for way in ways(nodes):
        name = way.partition(" ")[0]
        kinds = ("one", "all") if name == "threads" else ("start", "whole")
        start, whole = ([watched(name, made / kind, made / "images", size) for _ in "12"] for kind in kinds)
        expected = expected or whole[0][1]
        assert all(packed == expected for _, packed in whole), f"{way}: other photos"
        yield Cost(way, cheaper(start), cheaper(whole))


def cheaper(rounds: list[tuple[Watch, str]]) -> Watch:
    """The round that took less CPU."""
    return min((watch for watch, _ in rounds), key=lambda watch: watch.cpu)


def ways(nodes: int) -> Iterator[str]:
    """Give the names of the ways; the cluster, and each of its nodes, starts when its turn has come."""
    yield from ("threads", "processes")
    if not nodes:
        return
    from ray.cluster_utils import Cluster

    memory = {"object_store_memory": 100 * 2**20}
    head = {"num_cpus": 0, "include_dashboard": False, **memory}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    os.environ["RAY_ADDRESS"] = cluster.address
    try:
        for number in range(1, nodes + 1):
            cluster.add_node(num_cpus=1, **memory)
            yield f"ray {number}"
    finally:
        cluster.shutdown()


def watched(name: str, made: Path, images: Path, size: int) -> tuple[Watch, str]:
    """Pack the photos of a corpus in another process; what it took, and a hash of what was packed."""
    with Watch() as watch, ProcessPoolExecutor(1, get_context("spawn")) as apart:
        places = apart.submit(pack, name, made, images, size).result()
    digest = hashlib.sha256()
    for place in places:
        store = Photos(place)
        for row in range(len(store)):
            digest.update(store.jpeg(row))
    shutil.rmtree(made / "shards")
    return watch, digest.hexdigest()


def pack(name: str, made: Path, images: Path, size: int) -> Sequence[Path]:
    """Pack the photos of a corpus by an engine; the shards."""
    recipes, place = made / "recipes.parquet", Place(str(made / "shards"))
    settings = ImagesSettings(per_recipe=1, size=size, quality=90)
    work = partial(Packer, recipes, images, settings, anywhere=True)
    counts = manifest.rows_of_parts(recipes) or [pq.read_metadata(recipes).num_rows]
    tasks = [Task(number, sum(counts[:number]), count) for number, count in enumerate(counts)]
    if name == "threads":
        records = [Worker(work, place)(task)[0] for task in tasks]
    else:
        records = Engine("ray" if name == "ray" else "local").make(work, tasks, place, "apart", "photos")
    return [place.path(record.files[PHOTOS].name) for record in records]


def table(costs: list[Cost], photos: int, shard: int, size: int) -> Table:
    """A row for each way; CPU % compares with the threads'."""
    shown = Table(title=f"{photos:,} photos, {size} pixels, shards of {shard:,}; {os.cpu_count()} cores")
    columns = ("", "start-up s", "its CPU s", "photos/s", "CPU s", "CPU %", "peak GB")
    for column in columns:
        shown.add_column(column, justify="right" if column else "left")
    first = None
    for way, start, whole in costs:
        wall, cpu = whole.wall - start.wall, whole.cpu - start.cpu
        first = first or cpu
        cells: list[Any] = [f"{start.wall:.1f}", f"{start.cpu:.1f}", f"{photos / wall:.0f}", f"{cpu:.1f}"]
        shown.add_row(way, *cells, f"{100 * cpu / first:.0f}", f"{whole.peak / 1e9:.2f}")
    return shown


if __name__ == "__main__":
    os.environ |= RAY
    typer.run(main)
