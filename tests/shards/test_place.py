"""Places of shards: a folder, and S3 as moto plays it on this machine."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seje.errors import SejeError
from seje.shards import keeping, manifest
from seje.shards.place import Place, describe, shard_of

SLOW_WRITER = """
import sys
from pathlib import Path
from seje.shards.place import Place

Place(sys.argv[1]).put(0, Path(sys.argv[2]), {"a.bin": 1}, {}, "")
"""


@pytest.fixture(params=["folder", "s3"])
def place(request, tmp_path):
    if request.param == "folder":
        return Place(str(tmp_path / "store"))
    return Place(f"{request.getfixturevalue('bucket')}/{tmp_path.name}")


@pytest.fixture
def made(tmp_path):
    """A folder with what an attempt made, made anew each time it is asked for."""

    def again(content=b"photos"):
        folder = tmp_path / "made"
        folder.mkdir(exist_ok=True)
        (folder / "a.bin").write_bytes(content)
        return folder

    return again


def put(place, folder, number=0):
    return place.put(number, folder, {"a.bin": 3}, {"bad": 1}, "read")


def test_a_shard_is_there_once_its_record_is(place, made, tmp_path):
    assert place.record(0) is None
    place.send(made() / "a.bin", "00000-a.bin")
    assert place.record(0) is None
    record = put(place, made())
    assert place.record(0) == record and place.record(1) is None
    assert (record.counts, record.read, record.files["a.bin"].rows) == ({"bad": 1}, "read", 3)
    place.fetch(record.files["a.bin"], tmp_path / "copy.bin")
    assert (tmp_path / "copy.bin").read_bytes() == b"photos"


def test_two_attempts_at_one_shard_leave_one(place, made):
    assert put(place, made()) == put(place, made()) == place.record(0)
    system, root = place.system
    names = sorted(info.base_name for info in system.get_file_info(keeping.fs.FileSelector(root)))
    assert names == ["00000-a.bin", "00000.json"]


@pytest.mark.parametrize("harm", ["gone", "cut", "flip"])
def test_a_damaged_shard_is_refused_and_verify_names_it(place, made, tmp_path, harm):
    record = put(place, made())
    file = record.files["a.bin"]
    if harm == "gone":
        place.delete(file.name)
    else:
        place.write(file.name, b"photo" if harm == "cut" else b"phot0s")
    with pytest.raises(SejeError, match="run the stage again"):
        place.fetch(file, tmp_path / "copy.bin")
    assert not list(tmp_path.glob("*copy.bin*"))
    named = manifest.Manifest(place.address, (file,))
    assert [verdict.wrong for verdict in keeping.verify(named)] == [
        "missing" if harm == "gone" else "damaged"
    ]
    if harm != "flip" or not place.remote:
        assert place.record(0) is None


def test_what_no_manifest_names_is_garbage_once_it_is_old(place, made):
    record = put(place, made())
    put(place, made(), number=1)
    named = [manifest.Manifest(place.address, (record.files["a.bin"],))]
    assert keeping.garbage(place.address, named, days=1).names == []
    unused = keeping.garbage(place.address, named, days=-1)
    assert sorted(Path(name).name for name in unused.names) == ["00001-a.bin", "00001.json"]
    keeping.delete(place.address, unused)
    assert [verdict.wrong for verdict in keeping.verify(named[0])] == [""]
    assert place.record(0) == record and place.record(1) is None


def test_a_writer_that_is_killed_leaves_no_shard(place, made):
    folder = made(os.urandom(40_000_000))
    command = [sys.executable, "-c", SLOW_WRITER, place.address, str(folder)]
    writer = subprocess.Popen(command)
    while writer.poll() is None and not begun(place):
        time.sleep(0.01)
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    record = place.record(0)
    assert record is None or not place.wrong(record.files["a.bin"])  # it was faster than we were
    if not (folder / "a.bin").exists():
        made(b"again")
    again = put(place, folder)
    assert place.record(0) == again and not place.wrong(again.files["a.bin"])


def begun(place):
    """Whether somebody is writing there."""
    if not place.remote:
        return Path(place.address).exists()
    import boto3

    return boto3.client("s3").list_multipart_uploads(Bucket="shards").get("Uploads")


def test_a_store_that_cannot_be_is_told_in_one_line():
    with pytest.raises(SejeError, match="^cluster.store nowhere://bucket: "):
        _ = Place("nowhere://bucket").system


@pytest.fixture
def sharded(tmp_path):
    """A logical file of two shards beside each other."""
    place = Place(str(tmp_path / "work"))
    files = []
    for number in range(2):
        source = tmp_path / f"{number}.bin"
        source.write_bytes(bytes([number]) * 5)
        files.append(describe(source, f"0000{number}-a.bin", 5))
        place.send(source, files[-1].name)
    return tmp_path / "pipeline/a.bin", files, place


def test_one_shard_is_the_file_itself(sharded):
    path, files, place = sharded
    manifest.place_at(path, files[:1], place, stored=False)
    assert manifest.parts(path) == [path] and path.samefile(place.path(files[0].name))
    assert manifest.rows_of_parts(path) is None and not manifest.manifest_of(path).exists()


def test_several_shards_lie_beside_their_manifest(sharded):
    path, files, place = sharded
    manifest.place_at(path, files, place, stored=False)
    place.clear()
    assert b"".join(part.read_bytes() for part in manifest.parts(path)) == bytes(5) + b"\1" * 5
    assert manifest.rows_of_parts(path) == [5, 5] and manifest.read(path).rows == 10
    names = sorted(found.name for found in path.parent.iterdir())
    assert names == ["a-00000.bin", "a-00001.bin", "a.bin.json"]
    manifest.remove(path)
    assert not list(path.parent.iterdir())


def test_stored_shards_stay_where_they_are(sharded):
    path, files, place = sharded
    manifest.place_at(path, files, place, stored=True)
    assert [found.name for found in path.parent.iterdir()] == ["a.bin.json"]
    assert manifest.parts(path) == [place.path(file.name) for file in files]


@pytest.mark.parametrize("harm", ["gone", "cut", "flip", "format", "no json"])
def test_a_reader_refuses_shards_that_are_not_as_written(sharded, harm):
    path, files, place = sharded
    manifest.place_at(path, files, place, stored=False)
    part = path.with_name("a-00001.bin")
    if harm == "gone":
        part.unlink()
    elif harm in {"cut", "flip"}:
        part.unlink()  # not the one that it is linked to
        part.write_bytes(b"\1" * 4 if harm == "cut" else b"\1\1\1\1\0")
    elif harm == "format":
        said = json.loads(manifest.manifest_of(path).read_text())
        manifest.manifest_of(path).write_text(json.dumps(said | {"format": 99}))
    else:
        manifest.manifest_of(path).write_text("{")
    with pytest.raises(SejeError, match="is missing|is damaged|is no manifest"):
        manifest.parts(path)


@pytest.mark.parametrize(
    "file, shard",
    [
        ("00042-photos.arrow", "00042"),
        ("00042.json", "00042"),
        ("store/a-1/123456-looks.npy", "store/a-1/123456"),
        ("store/00042/nobody.bin", "store/00042/nobody.bin"),
        ("store/.part-00042", "store/.part-00042"),
    ],
)
def test_files_of_a_shard_are_known_by_their_names(file, shard):
    assert shard_of(file) == shard
