"""One logical file, which may lie in several shards: those that its manifest lists, in order.

`images.arrow` is there as it is where it is one shard; else `images.arrow.json` lists its parts. These lie
beside it, or in a store of their own.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from seje.errors import SejeError
from seje.shards.place import MEND, File, Place, digest

FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """The parts of a logical file; `store` is the address of where they lie, None for beside the manifest."""

    store: str | None
    files: tuple[File, ...]

    @property
    def rows(self) -> int:
        """Rows of all parts."""
        return sum(file.rows for file in self.files)


def manifest_of(path: Path) -> Path:
    """Where the manifest of a logical file is, if it has one."""
    return path.with_name(f"{path.name}.json")


def exists(path: Path) -> bool:
    """Whether a logical file is there, whole or in shards."""
    return path.exists() or manifest_of(path).exists()


def stands_for(path: Path) -> Path:
    """The file on this disk from whose content all of a logical file follows: itself, or its manifest."""
    return path if path.exists() else manifest_of(path)


def write(path: Path, manifest: Manifest) -> None:
    """Write the manifest of a logical file."""
    said = {"format": FORMAT, "store": manifest.store, "files": [asdict(file) for file in manifest.files]}
    part = path.with_name(f".part-{manifest_of(path).name}")
    part.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    part.replace(manifest_of(path))


def read(path: Path) -> Manifest:
    """Read the manifest of a logical file; raises SejeError where it is none."""
    told = manifest_of(path).stat()
    return _read(manifest_of(path), told.st_ino, told.st_mtime_ns)


@lru_cache(maxsize=32)  # each task asks for a part of it
def _read(path: Path, *_: int) -> Manifest:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            raise ValueError(f"format {said['format']!r:.20}, known is {FORMAT}")
        return Manifest(said["store"], tuple(File(**file) for file in said["files"]))
    except (ValueError, TypeError, KeyError) as error:
        raise SejeError(f"{path} is no manifest ({' '.join(str(error).split())})") from None


def parts(path: Path) -> list[Path]:
    """Files of this machine that hold a logical file, in order; raises SejeError where one is not as told."""
    if path.exists() or not manifest_of(path).exists():
        return [path]
    manifest = read(path)
    return [found(_place(path, manifest), file) for file in manifest.files]


def part(path: Path, number: int) -> Path:
    """One of the files that hold a logical file."""
    if path.exists() or not manifest_of(path).exists():
        return path
    manifest = read(path)
    return found(_place(path, manifest), manifest.files[number])


def rows_of_parts(path: Path) -> list[int] | None:
    """Rows of each part; None where there is no manifest."""
    return None if path.exists() else [file.rows for file in read(path).files]


def found(place: Place, file: File) -> Path:
    """A file of a place on this machine, copied if need be; raises SejeError where it is not as written."""
    if place.remote:
        kept = FETCHED / f"{file.sha256}{Path(file.name).suffix}"
        if not (kept.is_file() and _is(kept, file)):
            place.fetch(file, kept)
        return kept
    path = place.path(file.name)
    if not path.is_file():
        raise SejeError(f"{path} is missing: {MEND}")
    if not _is(path, file):
        raise SejeError(f"{path} is damaged: {MEND}")
    return path


def _is(path: Path, file: File) -> bool:
    """Whether a path holds what was written; it is read once for as long as it stays as it is."""
    told = path.stat()
    return told.st_size == file.bytes and _digest(path, told.st_ino, told.st_mtime_ns) == file.sha256


def _place(path: Path, manifest: Manifest) -> Place:
    return Place(manifest.store or str(path.parent))


FETCHED = Path("checkpoints/fetched")  # copies of what lies in S3, by their hashes


@lru_cache(maxsize=100_000)
def _digest(path: Path, *_: int) -> str:
    return digest(path)


def place_at(path: Path, files: Sequence[File], place: Place, stored: bool) -> None:
    """Have a logical file be these shards: by hard links, or, if they are `stored`, by their manifest alone.

    One shard is linked as the file itself.
    """
    remove(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if stored:
        return write(path, Manifest(place.address, tuple(files)))
    if len(files) == 1:
        return _link(place.path(files[0].name), path)
    named = [File(f"{path.stem}-{number:05}{path.suffix}", file.rows, file.bytes, file.sha256)
             for number, file in enumerate(files)]  # fmt: skip
    for file, link in zip(files, named, strict=True):
        _link(place.path(file.name), path.with_name(link.name))
    write(path, Manifest(None, tuple(named)))


def remove(path: Path) -> None:
    """Delete a logical file: itself, its manifest, and parts that lie beside it."""
    for old in (path, manifest_of(path), *path.parent.glob(f"{path.stem}-[0-9]*{path.suffix}")):
        old.unlink(missing_ok=True)


def _link(source: Path, target: Path) -> None:
    part = target.with_name(f".part-{target.name}")
    part.unlink(missing_ok=True)
    try:
        part.hardlink_to(source)
    except OSError:  # another disk, or one without links
        import shutil

        shutil.copyfile(source, part)
    part.replace(target)
