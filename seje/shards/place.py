"""Where the shards of one piece of work lie: a folder of this machine, one that is shared, or one of S3.

A shard may be several files, `00042-photos.arrow`; its record, `00042.json`, is written last: what has none
is not there. Several attempts at one shard are harmless: each writes the same bytes, and the last one stays.
"""

import hashlib
import json
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow.fs as fs

from seje.errors import SejeError


@dataclass(frozen=True)
class File:
    """A file of a shard: its name, what is in it."""

    name: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Record:
    """What is known of a shard that is done. `read` tells what it was made of, beside shards."""

    number: int
    files: dict[str, File]  # by the names that the work gave them
    counts: dict[str, Any]
    read: str = ""


@dataclass(frozen=True)
class Place:
    """A folder, by its address: a path, or s3://bucket/folder."""

    address: str

    @property
    def remote(self) -> bool:
        """Whether files have to be fetched before they can be mapped."""
        return "://" in self.address

    @cached_property
    def system(self) -> tuple[fs.FileSystem, str]:
        """The file system that the folder is in, and its path there."""
        try:
            return (
                fs.FileSystem.from_uri(self.address) if self.remote else (fs.LocalFileSystem(), self.address)
            )
        except (OSError, ValueError) as error:
            raise SejeError(f"cluster.store {self.address}: {' '.join(str(error).split())}") from None

    def inside(self, *names: str) -> "Place":
        """A folder in this one."""
        return Place("/".join([self.address.rstrip("/"), *names]))

    def record(self, number: int) -> Record | None:
        """What is known of a shard; None where it is not done, or its files are not what was written."""
        text = self.read(f"{number:05}.json")
        try:
            record = read_record(json.loads(text)) if text else None
        except (ValueError, TypeError, KeyError):
            return None
        return record if record and all(map(self._whole, record.files.values())) else None

    def put(
        self, number: int, made: Path, rows: Mapping[str, int], counts: dict[str, Any], read: str
    ) -> Record:
        """Take the files that an attempt has made in a folder of its own, then say that the shard is done."""
        files = {}
        for name in sorted(rows):
            files[name] = describe(made / name, f"{number:05}-{name}", rows[name])
            self.send(made / name, files[name].name)
        record = Record(number, files, counts, read)
        self.write(f"{number:05}.json", json.dumps(asdict(record)).encode())
        return record

    def send(self, made: Path, name: str) -> None:
        """Give a file the place that it has in the end, by one step."""
        system, root = self.system
        if self.remote:
            with self.telling(name):
                fs.copy_files(str(made), f"{root}/{name}", fs.LocalFileSystem(), system)
            return
        Path(root).mkdir(parents=True, exist_ok=True)
        part = Path(root) / f".part-{uuid4().hex}"
        shutil.move(made, part)  # a rename, where `made` is on the same disk
        part.replace(Path(root) / name)

    def path(self, name: str) -> Path:
        """Path of a file, where this folder is one of this machine."""
        return Path(self.address) / name

    def fetch(self, file: File, target: Path) -> None:
        """Copy a file to a path of this machine; raises SejeError where it is gone or another one."""
        part = target.with_name(f".part-{uuid4().hex}")
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            system, root = self.system
            fs.copy_files(f"{root}/{file.name}", str(part), system, fs.LocalFileSystem())
            if digest(part) != file.sha256:
                raise SejeError(f"{self.address}/{file.name} is damaged: {MEND}")
            part.replace(target)
        except OSError as error:
            raise SejeError(f"{self.address}/{file.name}: {' '.join(str(error).split())}: {MEND}") from None
        finally:
            part.unlink(missing_ok=True)

    def write(self, name: str, data: bytes) -> None:
        """Write a small file, whole or not at all."""
        system, root = self.system
        if not self.remote:
            Path(root).mkdir(parents=True, exist_ok=True)
            part = Path(root) / f".part-{uuid4().hex}"
            part.write_bytes(data)
            part.replace(Path(root) / name)
            return
        with self.telling(name), system.open_output_stream(f"{root}/{name}") as out:
            out.write(data)

    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""
        system, root = self.system
        with self.telling(name):
            if system.get_file_info(f"{root}/{name}").type != fs.FileType.NotFound:
                system.delete_file(f"{root}/{name}")

    def tidy(self) -> None:
        """Delete what attempts that died have left, and nothing of a run that is beside this one."""
        for left in () if self.remote else Path(self.address).glob(".part-*"):
            if time.time() - left.stat().st_mtime > ABANDONED:
                shutil.rmtree(left) if left.is_dir() else left.unlink()

    def clear(self) -> None:
        """Delete the folder."""
        system, root = self.system
        with self.telling():
            if system.get_file_info(root).type == fs.FileType.Directory:
                system.delete_dir(root)

    @contextmanager
    def telling(self, name: str = "") -> Iterator[None]:
        """Turn what S3 says, where it cannot be reached or refuses, into a SejeError of one line."""
        try:
            yield
        except OSError as error:
            if error.errno:  # of a disk, or a file that is not there
                raise
            raise SejeError(f"{self.address}/{name}: {' '.join(str(error).split())}") from None

    def read(self, name: str) -> bytes | None:
        """Read a small file; None where it is not there."""
        system, root = self.system
        try:
            with self.telling(name), system.open_input_stream(f"{root}/{name}") as source:
                return bytes(source.read())
        except FileNotFoundError:
            return None

    def wrong(self, file: File) -> str:
        """Read a file, and tell what is wrong with it: missing, damaged, or nothing."""
        system, root = self.system
        try:
            with self.telling(file.name), system.open_input_stream(f"{root}/{file.name}") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except FileNotFoundError:
            return "missing"
        return "" if found == file.sha256 else "damaged"

    def _whole(self, file: File) -> bool:
        """Whether a file is what was written: by its content on a disk, by its size in S3, which keeps it."""
        system, root = self.system
        with self.telling(file.name):
            found = system.get_file_info(f"{root}/{file.name}")
        return found.size == file.bytes and (self.remote or not self.wrong(file))


ABANDONED = 24 * 3600  # seconds, after which nobody is at a half-written file any more
MEND = "run the stage again, and what is missing is made again"


def shard_of(path: str) -> str:
    """Path of a shard, of which this is a file or the record; of another file, its own path."""
    return re.sub(r"(^|/)(\d{5,})[-.][^/]*$", r"\1\2", path)


def describe(path: Path, name: str, rows: int) -> File:
    """Take a file's size and hash."""
    return File(name, rows, path.stat().st_size, digest(path))


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_record(data: dict[str, Any]) -> Record:
    """Rebuild a record from its JSON; raises TypeError or KeyError where it is none."""
    files = {name: File(**file) for name, file in data["files"].items()}
    return Record(data["number"], files, data["counts"], data["read"])
