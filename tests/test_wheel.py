"""The wheel, in an environment that holds nothing but it and what it declares: README's lines, run."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from packaging.requirements import Requirement

import seje

pytestmark = pytest.mark.slow
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def needs(found: Distribution, extras: set[str], seen: dict[str, Distribution]) -> dict[str, Distribution]:
    """What a distribution says that it needs, and what that needs."""
    for need in map(Requirement, found.requires or []):
        wanted = not need.marker or any(need.marker.evaluate({"extra": extra}) for extra in ("", *extras))
        if wanted and (need.name not in seen or need.extras):
            seen[need.name] = distribution(need.name)
            needs(seen[need.name], need.extras, seen)
    return seen


@pytest.fixture(scope="module")
def bin(tmp_path_factory) -> Path:
    """The bin folder of the environment: seje's wheel, and links to what it declares with `serve`."""
    folder = tmp_path_factory.mktemp("environment")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    venv.create(folder / "env", symlinks=True)
    (wheel,) = folder.glob("seje-*.whl")
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "env/bin/python")]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(wheel)], check=True, capture_output=True)
    (site,) = (folder / "env" / "lib").glob("python*/site-packages")
    (installed,) = distributions(name="seje", path=[str(site)])
    for needed in needs(installed, {"serve"}, {}).values():
        tops = {file.parts[0] for file in needed.files or [] if file.suffix != ".pth"}
        for top in tops - {"..", "__pycache__"}:
            if not (site / top).exists():
                (site / top).symlink_to(Path(str(needed.locate_file(top))))
    return folder / "env" / "bin"


@pytest.fixture
def away(small_pipeline, tmp_path, monkeypatch) -> Path:
    """A folder that holds a copied model, a copied index and a photo, and nothing else."""
    for name in ("model", "index"):
        shutil.copytree(small_pipeline / "pipeline" / name, tmp_path / "pipeline" / name)
    photo = next((small_pipeline / "pipeline/kitchen/recipe1m/images").rglob("*.jpg"))
    shutil.copy(photo, tmp_path / "dinner.jpg")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_environment_is_that_of_a_stranger(bin, away):
    """Neither the repository nor what only developers install can be imported."""
    assert "site-packages" in run(bin / "python", "-c", "import seje; print(seje.__file__)")
    done = subprocess.run([bin / "python", "-c", "import pytest"], capture_output=True, env=ENVIRONMENT)
    assert b"No module named 'pytest'" in done.stderr


def test_readme_lines_of_python(bin, away):
    (code,) = re.findall(r"```python\n(import seje\n.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    save = "\nimport numpy\nnumpy.savez('found.npz', photos=photos, recipes=recipes)\n"
    (away / "readme.py").write_text(code + save)
    run(bin / "python", "readme.py")
    found, model = np.load("found.npz"), seje.load("pipeline/model")
    np.testing.assert_allclose(found["photos"], model.embed_photos(["dinner.jpg"]), atol=1e-4)
    np.testing.assert_allclose(found["recipes"][:1], model.embed_recipes(["Greek salad"]), atol=1e-4)


def test_search_and_embed(bin, away):
    folders = ["--model", "pipeline/model", "--index", "pipeline/index"]
    assert len(json.loads(run(bin / "seje", "search", "dinner.jpg", *folders, "--json"))["hits"]) == 10
    run(bin / "seje", "embed", ".", "-o", "photos.npy", "--model", "pipeline/model")
    assert np.load("photos.npy").shape == (1, seje.load("pipeline/model").dimensions)


@pytest.fixture
def address(bin, away) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        bin / "seje",
        "serve",
        "--port",
        str(port),
        "--model",
        "pipeline/model",
        "--index",
        "pipeline/index",
    ]
    with subprocess.Popen(command, env=ENVIRONMENT, stderr=subprocess.DEVNULL) as server:
        yield f"http://127.0.0.1:{port}"
        server.terminate()


def test_serve(address):
    for _ in range(600):
        try:
            page = urllib.request.urlopen(address, timeout=10).read()
            break
        except OSError:
            time.sleep(0.1)
    assert b"<title>" in page
    for part in re.findall(rb'(?:href|src)="(/[^"]+)"', page):
        assert urllib.request.urlopen(address + part.decode(), timeout=10).status == 200
    asked = urllib.request.Request(
        f"{address}/search/text", json.dumps({"title": "soup"}).encode(), {"Content-Type": "application/json"}
    )
    assert urllib.request.urlopen(asked, timeout=60).status == 200
