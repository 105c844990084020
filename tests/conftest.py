"""What tests share: the repository, the shared real data, small params, and one thread for torch."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from filelock import FileLock
from hypothesis import settings
from PIL import Image

from seje.section import Section

pytest_plugins = ["machines"]
Once = Callable[[str, Callable[[Path], object]], Path]
ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
# Whether an example takes long says how busy the machine is, not whether the code is right.
settings.register_profile("seje", deadline=None)
settings.load_profile("seje")
# Two threads wait for each other in a busy loop: beside other work they take many times as long as one.
torch.set_num_threads(1)
os.environ["OMP_NUM_THREADS"] = "1"  # of the processes that tests start

# A pipeline of seconds: every stage does its work, none does it well.
SMALL: dict[str, dict[str, Any]] = {
    "kitchen": {"recipes": 120, "pixels": 48, "labelled_train": 3, "labelled_test": 1},
    "images": {"size": 40},
    "word2vec": {"vector_size": 24, "epochs": 2},
    "keyterms": {"hidden": 16, "epochs": 1},
    "instructions": {"hidden": 32, "epochs": 1},
    "categories": {"backbone": "resnet18", "epochs": 1, "min_train": 2, "precision": "32"},
    "joint": {"embedding": 64, "recurrent": 32, "epochs": 12},
    "evaluation": {"pools": [10, 1000]},
}


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("no ../shared/data beside the repository")
    return SHARED


def small_params(**changes: dict[str, Any]) -> str:
    """params.yaml with small sizes, and then the changes of some sections, as text."""
    data = yaml.safe_load((ROOT / "params.yaml").read_text())
    for overrides in (SMALL, changes):
        for section, values in overrides.items():
            data[section] |= values
    return yaml.safe_dump(data, sort_keys=False).replace(": null\n", ":\n")  # as DVC writes it


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Makes a folder by its name, in the first of the test processes that asks for it, for all of them."""
    here = tmp_path_factory.getbasetemp()
    common = here.parent if "PYTEST_XDIST_WORKER" in os.environ else here

    def once(name: str, make: Callable[[Path], object]) -> Path:
        folder, made = common / name, common / f"{name}.made"
        with FileLock(common / f"{name}.lock"):
            if not made.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                made.touch()
        return folder

    return once


@pytest.fixture(scope="session")
def small_pipeline(once: Once) -> Path:
    """A folder in which all stages have run on a small kitchen, with a feature of all words too."""

    def make(folder: Path) -> None:
        (folder / "params.yaml").write_text(small_params(ranking={"words": 16}))
        run_stages(folder, list(yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]))

    return once("small", make)


@pytest.fixture(scope="session")
def deep_pipeline(small_pipeline: Path, once: Once) -> Path:
    """The small kitchen with the other towers: a transformer, and a CNN that was trained along."""
    joint = {"recipe": "transformer", "pixels": "resnet18", "freeze_epochs": 0, "epochs": 2}
    return once("deep", partial(made_anew, "joint", small_pipeline, joint=joint))


@pytest.fixture(scope="session")
def text_pipeline(small_pipeline: Path, once: Once) -> Path:
    """The small kitchen with a text encoder that was trained along, of titles and ingredient lines too."""
    import tiny_bert

    text = str(once("tiny_bert", tiny_bert.write) / "bert")
    joint = {"text": text, "lines": True, "text_lr": 0.001, "freeze_epochs": 0, "epochs": 2}
    return once("text", partial(made_anew, "joint", small_pipeline, joint=joint, loss={"recipe": 0.3}))


@pytest.fixture(scope="session")
def timm_pipeline(small_pipeline: Path, once: Once) -> Path:
    """The small kitchen with a backbone of timm."""
    return once("timm", partial(with_backbone, "timm/resnet10t", small_pipeline))


@pytest.fixture(scope="session")
def onnx_pipeline(small_pipeline: Path, once: Once) -> Path:
    """The small kitchen with a backbone that is an ONNX file, of few and untrained layers."""
    network = once("network", write_network) / "net.onnx"
    return once("onnx", partial(with_backbone, str(network), small_pipeline))


def write_network(folder: Path) -> None:
    """Export a few convolutions to net.onnx in a folder."""
    network = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 9, stride=8), torch.nn.ReLU(), torch.nn.AvgPool2d(9), torch.nn.Flatten()
    ).eval()
    pixels = {"input_names": ["pixels"], "output_names": ["features"]}
    batch = {"dynamic_shapes": [{0: torch.export.Dim("batch", min=1)}], "external_data": False}
    torch.manual_seed(0)
    given = (torch.zeros(2, 3, 224, 224),)
    torch.onnx.export(network, given, str(folder / "net.onnx"), dynamo=True, **pixels, **batch)


@pytest.fixture(scope="session")
def lite0_pipeline(small_pipeline: Path, once: Once) -> Path:
    """The small kitchen with the frozen backbone of the preset for real data."""
    frozen = {"weights": "imagenet", "freeze": True}
    return once("lite0", partial(with_backbone, "lite0", small_pipeline, **frozen))


@pytest.fixture(scope="session")
def clip_pipeline(small_pipeline: Path, once: Once) -> Path:
    """The small kitchen with a sentence-transformers model that encodes photos."""
    import tiny_clip

    model = once("tiny_clip", tiny_clip.write) / "clip"
    return once("clip", partial(with_backbone, f"st/{model}", small_pipeline))


@pytest.fixture(scope="session")
def own_pipeline(small_pipeline: Path, once: Once) -> Path:
    """The small kitchen with features of one's own."""
    features = once("features", partial(write_features, small_pipeline))
    given = {"features": str(features), "labelled": None}
    return once("own", partial(with_backbone, "resnet18", small_pipeline, **given))


def write_features(small_pipeline: Path, folder: Path) -> None:
    """Write mine.npy and mine.json into a folder: of two views, means of colours of parts of the photo."""
    from seje.photos.store import Photos

    store = Photos(small_pipeline / "pipeline/images/images.arrow")
    photos = [store.decode(row)[:40, :40] for row in range(len(store))]
    parts = np.array([photo.reshape(5, 8, 5, 8, 3).mean((1, 3)) for photo in photos])  # [P, 5, 5, 3]
    views = [view.reshape(len(parts), -1) / 255 for view in (parts, parts[:, :, ::-1])]
    np.save(folder / "mine.npy", np.stack(views, 1).astype(np.float32))
    (folder / "mine.json").write_text(json.dumps(store.photos.tolist()))


def with_backbone(backbone: str, pipeline: Path, folder: Path, **changes: Any) -> None:
    """Copy a small pipeline, and make it anew from `categories` on with another backbone."""
    made_anew("categories", pipeline, folder, categories={"backbone": backbone, **changes})


def made_anew(first: str, pipeline: Path, folder: Path, **changes: dict[str, Any]) -> None:
    """Copy a small pipeline, and make it anew from a stage on with other params."""
    shutil.copytree(pipeline, folder, dirs_exist_ok=True)
    (folder / "params.yaml").write_text(small_params(ranking={"words": 16}, **changes))
    stages = ["categories", "joint", "model", "evaluation", "index"]
    run_stages(folder, stages[stages.index(first) :])


def run_stages(folder: Path, stages: list[str]) -> None:
    """Run stages by their commands in a folder."""
    from typer.testing import CliRunner

    from seje.cli import app

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for stage in stages:
            done = CliRunner().invoke(app, [stage], catch_exceptions=False)
            assert done.exit_code == 0, done.output


@pytest.fixture(scope="session")
def paprika(shared: Path, once: Once) -> Path:
    """A folder in which the tagger has learnt from real recipes, by silver labels."""

    def make(folder: Path) -> None:
        (folder / "params.yaml").write_text(params_of_real(shared))
        run_stages(folder, ["corpus", "word2vec", "keyterms"])

    return once("paprika", make)


def params_of_real(shared: Path) -> str:
    """params.yaml with the preset for real data, on paprika, as text."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    for section, values in yaml.safe_load((ROOT / "presets/real.yaml").read_text()).items():
        params[section] |= values
    params["corpus"]["source"] = str(shared / "paprika")
    return yaml.safe_dump(params)


def seal(*stages: str) -> None:
    """Take the files that a test wrote for what these stages wrote."""
    from seje.workspace import lineage

    for stage in stages:
        with lineage.making(stage):
            pass


@pytest.fixture(scope="session")
def search(small_pipeline: Path) -> Iterator[Any]:
    """The search among the small kitchen, loaded; the working directory is its folder meanwhile."""
    from seje.search.opening import open_search

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(small_pipeline)
        made = open_search(None, None)
        made.model.load()
        yield made


@contextmanager
def served(app: Any, **settings: Any) -> Iterator[str]:
    """Run an application under uvicorn with these settings; gives its address."""
    import threading
    import time

    import uvicorn

    running = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", **settings))
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    running.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def server(search: Any) -> Iterator[str]:
    """The address of a running server of the small kitchen."""
    from seje.web.app import create

    images = Path("pipeline/kitchen/recipe1m/images").absolute()
    with served(create(search, None, ["127.0.0.1"], images)) as address:
        yield address


class Firefox:
    """Debian's Firefox: colours are not told to a page of it, so it is started once for each."""

    def __init__(self, kind: Any, path: str) -> None:
        self._kind, self._path = kind, path
        self._started: dict[str, Any] = {}

    def new_context(self, color_scheme: str = "light", **settings: Any) -> Any:
        """As of any browser of Playwright."""
        if color_scheme not in self._started:
            colours = {"layout.css.prefers-color-scheme.content-override": int(color_scheme == "light")}
            self._started[color_scheme] = self._kind.launch(
                channel="moz-firefox", executable_path=self._path, firefox_user_prefs=colours
            )
        return self._started[color_scheme].new_context(**settings)

    def close(self) -> None:
        """Close all that were started."""
        for started in self._started.values():
            started.close()


@pytest.fixture(scope="module", params=["chromium", "firefox-esr"])
def browser(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Debian's chromium, and its Firefox, driven by Playwright: Firefox by WebDriver BiDi."""
    from playwright import sync_api

    if not (path := shutil.which(request.param)):
        pytest.skip(f"no {request.param}: apt-get install {request.param}")
    with sync_api.sync_playwright() as playwright:
        if request.param == "chromium":
            launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        else:
            launched = Firefox(playwright.firefox, path)
        yield launched
        launched.close()


@contextmanager
def visit(
    browser: Any, address: str, width: int = 1400, colours: str = "light", wrong: str = ""
) -> Iterator[Any]:
    """A page that a visitor opens; fails where a script does, or anything is asked from elsewhere.

    Lines of the console that contain `wrong` are expected.
    """
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=colours)
    page, told, asked = context.new_page(), [], []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda line: told.append(line.text) if line.type == "error" else None)
    page.on("request", lambda sent: asked.append(sent.url))
    page.goto(address)
    yield page
    context.close()
    assert [line for line in told if not wrong or wrong not in line] == []
    here = address.partition("?")[0]
    assert all(url.startswith((here.rstrip("/"), "blob:")) for url in asked)


@pytest.fixture
def chessboard(tmp_path: Path) -> Path:
    """A picture of no dish."""
    fields = (np.indices((80, 80)) // 20).sum(axis=0) % 2 * 255
    Image.fromarray(fields.astype(np.uint8)).convert("RGB").save(tmp_path / "chessboard.png")
    return tmp_path / "chessboard.png"


def changed(settings: Section, **changes: Any) -> Any:
    """A section of params.yaml with some values changed, unchecked: tests go beyond what users may set."""
    return settings.model_copy(update=changes)
