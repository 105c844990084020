"""Cases of photos: each is used or set aside with its reason, in a corpus and as a question."""

import io
import json
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from casebook import PHOTOS, cases, recipe, run_stages, seje, there
from conftest import small_params
from PIL import Image, ImageCms

from seje.photos.bounds import MOST_MEMORY
from seje.photos.store import Photos
from seje.workspace import paths

pytestmark = pytest.mark.slow

USED = {
    "no_eoi": "no_eoi.jpg",
    "heic": "iphone.heic",
    "bmp_alpha0": "bmp32_alpha0.bmp",
    "grey16_memory": "g16_50mp.png",
}
REFUSED = {"eps_loop": "loop.eps", "strip_jpeg_limit": "strip.png", "scans_bomb": "scans3000.jpg"}
REASONS = {
    "loop.eps": "not an image",
    "loop.jpg": "not an image",
    "strip.png": "too long",
    "scans3000.jpg": "too many scans",
}
COLOURS = "colour profiles, depths of 10 to 14 bits in 16"
MOVING = "an animated GIF or WebP as a query"


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """Makes a corpus in which each recipe has one of the photos; gives what is stored, by their names."""

    def store(photos):
        monkeypatch.chdir(tmp_path)
        Path("images").mkdir()
        layer1 = [recipe(number, f"dish {number}", ["salt"]) for number in range(len(photos))]
        layer2 = [
            {"id": row["id"], "images": [{"id": name}]} for row, name in zip(layer1, photos, strict=True)
        ]
        for name, content in photos.items():
            Path("images", name).write_bytes(content)
        Path("layer1.json").write_text(json.dumps(layer1))
        Path("layer2.json").write_text(json.dumps(layer2))
        run_stages(small_params(corpus={"source": "."}, images={"size": 64}), "corpus", "images")
        kept = Photos(paths.Images.PHOTOS)
        return {str(name): np.asarray(kept.decode(row), int) for row, name in enumerate(kept.photos)}

    return store


@there
def test_photos_are_used_or_set_aside_one_by_one(stored):
    """All at once: one that is bad costs no other; the endless one is named as a JPEG too."""
    photos = {name: (PHOTOS / case / name).read_bytes() for case, name in (USED | REFUSED).items()}
    kept = stored(photos | {"loop.jpg": photos["loop.eps"]})
    assert set(kept) == set(USED.values())
    aside = pq.read_table(paths.Images.REJECTED).to_pylist()
    assert {row["photo"]: row["reason"] for row in aside} == REASONS


@cases(*USED)
def test_a_photo_that_viewers_show_is_answered(search, case):
    done = seje("search", str(PHOTOS / case / USED[case]), "-k", "2", "--json")
    assert done.exit_code == 0, done.output
    assert len(json.loads(done.stdout)["hits"]) == 2


@cases(*REFUSED)
def test_a_photo_that_cannot_be_used_is_refused_in_a_line(search, tmp_path, case):
    name = REFUSED[case]
    for place in (PHOTOS / case / name, shutil.copy(PHOTOS / case / name, tmp_path / "photo.jpg")):
        done = seje("search", str(place), "-k", "2", "--json")
        assert done.exit_code == 2, done.output
        assert len(done.output.strip().splitlines()) == 1 and REASONS[name] in done.output


PEAK = """
import re, sys
from pathlib import Path
from seje.photos.decoding import open_photo
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024
before = peak()
open_photo(Path(sys.argv[1]), 256)
print(peak() - before)
"""


@cases("grey16_memory")
def test_what_a_photo_costs_to_decode_is_bounded(case):
    command = [sys.executable, "-c", PEAK, str(PHOTOS / case / USED[case])]
    assert int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) < MOST_MEMORY


LEVELS = np.dstack([*np.meshgrid(np.linspace(0, 255, 96), np.linspace(0, 255, 64)), np.full((64, 96), 90.0)])


def saved(levels, kind, **options):
    buffer = io.BytesIO()
    image = levels if isinstance(levels, Image.Image) else Image.fromarray(levels.round().astype(np.uint8))
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
@cases(COLOURS)
def test_grey_of_any_depth_is_as_bright_as_it_looks(stored, case, bits):
    grey = LEVELS[..., 0]
    deep = Image.fromarray((grey / 255 * (2**bits - 1)).round().astype(np.uint16))
    kept = stored({"plain.png": saved(grey, "PNG"), "deep.png": saved(deep, "PNG")})
    assert np.abs(kept["plain.png"] - kept["deep.png"]).max() <= 4


@cases(COLOURS)
def test_colours_of_a_profile_become_srgb(stored, case):
    """sRGB's own profile, its curve's power 1.2 in place of 2.4: the same light by other numbers."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    half = srgb.replace(struct.pack(">i", round(2.4 * 65536)), struct.pack(">i", round(1.2 * 65536)))
    assert half != srgb
    light = 80 + LEVELS * 0.6  # above the straight part of the curve
    base = (light / 255 + 0.055) / 1.055
    numbers = (base**2 * 1.055 - 0.055) * 255
    kept = stored({"plain.png": saved(light, "PNG"), "other.png": saved(numbers, "PNG", icc_profile=half)})
    assert np.abs(kept["plain.png"] - kept["other.png"]).max() <= 8


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
@cases(MOVING)
def test_an_animation_is_its_first_frame(stored, search, tmp_path, case, kind):
    still = Image.fromarray(LEVELS.round().astype(np.uint8)).convert("P").convert("RGB")
    exact = {"lossless": True} if kind == "WEBP" else {}
    moving = saved(still, kind, save_all=True, append_images=[still.rotate(180)], **exact)
    (tmp_path / "query").write_bytes(moving)
    done = seje("search", str(tmp_path / "query"), "-k", "2", "--json")
    assert done.exit_code == 0, done.output
    kept = stored({"still.png": saved(still, "PNG"), "moving": moving})
    assert np.abs(kept["still.png"] - kept["moving"]).mean() <= 2
    assert json.loads(paths.metrics("images").read_text())["animated"] == 1
