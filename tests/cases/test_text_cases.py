"""Cases of ingredient lines and titles: what names an ingredient or a dish, and what does not."""

import csv
import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from casebook import TEXT, cases, recipe, run_stages, seje
from conftest import small_params
from PIL import Image

from seje.workspace import paths

pytestmark = pytest.mark.slow

# Of the lines of each case, in order: quantity, and the names that are found.
FOUND = {
    "nfkc_signs": [
        ("1 1/2 cups", "flour"),
        ("1 pkg", "philadelphia cream cheese"),
        ("4 tbsp", "tabasco sauce"),
    ],
    "html_text": [
        ("1/2 cup", "sugar"),
        ("1 cup", "cr\u00e8me fra\u00eeche"),
        ("1/2 tsp", "cumin"),
        ("1/2 cup", "butter"),
        ("2 cups", "flour"),
    ],
    "fused_names": [
        ("1 teaspoon", "cream of tartar"),
        ("1 can", "cream of mushroom soup"),
        ("250 g", "pork"),
        ("", "naan"),
        ("2 teaspoons", "sesame oil"),
        ("1 pinch each", "sea salt", "black pepper"),
        ("6", "whole cloves"),
        ("10", "eggs"),
    ],
    "two_in_a_line": [
        ("", "salt", "pepper"),
        ("", "salt", "ground black pepper"),
        ("1 cup 2 1 tsp", "sugar", "eggs", "vanilla extract"),
        ("", "carrot"),
    ],
}


def tag(text):
    done = seje("tag", "--json", input=text)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


@cases(*FOUND)
def test_names_and_quantities_of_lines(paprika, monkeypatch, case):
    """No name is wrong, and few are missing: the tagger's weights differ a little between processors."""
    monkeypatch.chdir(paprika)
    count = 0
    for line, (quantity, *names) in zip(
        tag((TEXT / case / "lines.txt").read_bytes()), FOUND[case], strict=False
    ):
        found = [name for name in [line["entity"], *line["joined"]] if name]
        assert set(found) <= set(names)
        assert found != names or line["quantity"] == quantity
        count += len(found)
    assert count >= 0.75 * sum(len(names) for _, *names in FOUND[case])


@cases("nfkc_signs")
def test_degrees_are_no_letters(paprika, monkeypatch, case):
    monkeypatch.chdir(paprika)
    *_, warm, hot = tag((TEXT / case / "lines.txt").read_bytes())
    assert (warm["quantity"], hot["quantity"], hot["entity"]) == ("350 f", "180 c", "")
    (powers,) = tag("10\u00b2 eggs".encode())
    assert powers["quantity"] == "10 2"


@cases("headings")
def test_a_heading_names_no_ingredient(paprika, monkeypatch, case):
    monkeypatch.chdir(paprika)
    for line in tag((TEXT / case / "lines.txt").read_bytes()):
        assert (line["entity"], line["joined"], line["found"]) == ("", [], "heading")


@cases("latin1")
def test_good_lines_are_answered_and_the_bad_one_told(small_pipeline, case):
    """The README's command itself: how standard input is decoded is not Python's to say."""
    done = subprocess.run(
        [sys.executable, "-m", "seje", "tag", "--json"],
        cwd=small_pipeline,
        env=os.environ | {"PYTHONIOENCODING": "utf-8:strict"},
        input=b"1 egg\n200 g cr\xe8me\n",
        capture_output=True,
    )
    assert [json.loads(line)["line"] for line in done.stdout.splitlines()] == ["1 egg"]
    assert done.stderr == b"seje: tag: 1 not read, since they are not UTF-8: line 2\n"
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Shepherd's pie", "shepherd's pie"),
        ("Shepherd\u2019s pie", "shepherd's pie"),
        (unicodedata.normalize("NFD", "Jalape\u00f1o poppers"), "jalape\u00f1o poppers"),
    ],
)
@cases("apostrophe")
def test_ten_titles_form_a_category_however_they_are_spelt(tmp_path, monkeypatch, case, title, name):
    monkeypatch.chdir(tmp_path)
    layer1, layer2 = [], []
    (tmp_path / "images").mkdir()
    noise = np.random.default_rng(0)
    for number, partition in enumerate(["train"] * 8 + ["val", "test"]):
        layer1.append(recipe(number, title, ["salt", "2 potatoes"], partition))
        layer2.append({"id": layer1[-1]["id"], "images": [f"{number}.png"]})
        Image.fromarray(noise.integers(0, 256, (40, 40, 3), np.uint8)).save(f"images/{number}.png")
    Path("layer1.json").write_text(json.dumps(layer1))
    Path("layer2.json").write_text(json.dumps(layer2))
    params = small_params(corpus={"source": "."}, categories={"labelled": None})
    run_stages(params, "corpus", "images", "word2vec", "categories")
    names = [row["name"] for row in csv.DictReader(paths.Categories.CLASSES.open(newline=""))]
    assert names == ["background", name]
    assert set(pq.read_table(paths.Categories.RECIPES)["category"].to_pylist()) == {1}
