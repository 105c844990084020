"""How fast photos are packed, and read back as training batches, against torchvision on the same files.

    python benchmarks/images.py FOLDER              # any folder with photos in it, at any depth
    python benchmarks/images.py FOLDER --size 224    # no larger than the photos: the store enlarges none

Packing is what the stage `images` does: decode, turn upright, shrink, encode, write. Reading back is what
training asks for: decode, cut a random crop of 7/8, flip by chance, normalise, batch; and the same with the
centre crop. (a) is torchvision's ImageFolder and DataLoader on the files as they are, (b) the same on files
that were shrunk beforehand to what the store holds: that shows what the store alone is good for. All run in
one process of this machine, one after another, each read twice; the faster time counts.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table
from torch import Tensor, float32
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2

from seje.data.parallel import map_threads
from seje.photos.decoding import BadPhoto, encode, open_photo
from seje.photos.store import Photos, store_writer
from seje.vision.classifier import batches, chunks
from seje.vision.transforms import DEVIATION, MEAN, Squares, augment, centre, crop_side

BATCH = 64
ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}
QUALITY = 90


def main(
    folder: Path,
    size: Annotated[int, typer.Option(help="Shorter side in the store, in pixels.")] = 256,
    most: Annotated[int, typer.Option(help="Photos that are read at most.")] = 2000,
    workers: Annotated[int, typer.Option(help="Of the DataLoader; 0: the cores.")] = 0,
) -> None:
    """Time packing and both kinds of reading, and print a table."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)[:most]
    processes = workers or os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as name:
        store, packing = pack(found, Path(name), size)
        table = Table(title=f"{len(store)} photos, {size} pixels, batches of {BATCH}, {processes} workers")
        for column in ("", "photos/s, random crop", "photos/s, centre crop"):
            table.add_column(column, justify="left" if not column else "right")
        crop = crop_side(size)
        ways: dict[str, Callable[[bool], Iterator[Tensor]]] = {
            "seje's store": lambda random: stored(store, crop, random),
            "(a) the files": lambda random: loaded(Path(name, "files"), size, random, processes),
            "(b) shrunk files": lambda random: loaded(Path(name, "shrunk"), size, random, processes),
        }
        speeds = {
            way: [speed(read, random, len(store)) for random in (True, False)] for way, read in ways.items()
        }
    for way, found_speeds in speeds.items():
        table.add_row(way, *(f"{value:.0f}" for value in found_speeds))
    ours, files, shrunk = speeds.values()
    table.caption = (
        f"packed {packing:.0f} photos/s; random crops {ours[0] / files[0]:.1f} times as fast as (a), "
        f"{ours[0] / shrunk[0]:.1f} times as (b); {os.cpu_count()} cores"
    )
    Console().print(table)


def pack(paths: list[Path], folder: Path, size: int) -> tuple[Photos, float]:
    """Pack photos as the stage does; the good ones also go to ImageFolder, as they are and shrunk."""
    good: list[tuple[Path, bytes]] = []

    def packed(path: Path) -> tuple[Path, bytes | None]:
        """A photo as the store holds it, None if it is bad."""
        try:
            return path, encode(open_photo(path, size), QUALITY)
        except BadPhoto:
            return path, None

    start = time.perf_counter()
    with store_writer(folder / "images.arrow", size) as keep:
        for path, jpeg in map_threads(packed, paths, os.cpu_count() or 1):
            if jpeg is not None:
                keep({"photo": path.name, "recipe": len(good), "partition": "train", "jpeg": jpeg})
                good.append((path, jpeg))
    seconds = time.perf_counter() - start
    for name in ("files", "shrunk"):
        (folder / name / "all").mkdir(parents=True)
    for number, (path, jpeg) in enumerate(good):
        (folder / f"files/all/{number}{path.suffix.lower()}").symlink_to(path.resolve())
        (folder / f"shrunk/all/{number}.jpg").write_bytes(jpeg)
    return Photos(folder / "images.arrow"), len(good) / seconds


def stored(photos: Photos, crop: int, random: bool) -> Iterator[Tensor]:
    """Read batches as training does: squares decoded ahead in threads, then cropped."""
    squares = Squares(photos.decode, len(photos), photos.size, cache_bytes=0)
    for square in batches(squares, chunks(np.arange(len(photos)), BATCH)):
        yield augment(square, crop) if random else centre(square, crop)


def loaded(folder: Path, size: int, random: bool, workers: int) -> Iterator[Tensor]:
    """Read batches as torchvision's examples do: resize, crop and normalise each photo in the workers."""
    crop = crop_side(size)
    cut: list[v2.Transform] = [v2.CenterCrop(crop)]
    if random:
        cut = [v2.CenterCrop(size), v2.RandomCrop(crop), v2.RandomHorizontalFlip()]
    last = [v2.ToImage(), v2.ToDtype(float32, scale=True), v2.Normalize(MEAN, DEVIATION)]
    data = ImageFolder(str(folder), v2.Compose([v2.Resize(size), *cut, *last]))
    for pixels, _ in DataLoader(data, BATCH, num_workers=workers):
        yield pixels


def speed(read: Callable[[bool], Iterator[Tensor]], random: bool, count: int) -> float:
    """Photos a second of the faster of two passes: the first one warms up."""
    times = []
    for _ in range(2):
        start = time.perf_counter()
        assert sum(len(batch) for batch in read(random)) == count
        times.append(time.perf_counter() - start)
    return count / min(times)


if __name__ == "__main__":
    typer.run(main)
