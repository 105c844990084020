import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from seje.corpus import stage as corpus
from seje.corpus.settings import CorpusSettings
from seje.data.records import PARTITIONS
from seje.errors import SejeError
from seje.workspace import paths

SETTINGS = CorpusSettings(
    source="raw", max_ingredients=20, max_instructions=20, split="given", leaks="keep", shard=4096
)


def recipe(number: int, partition: str = "train", **changes: object) -> dict[str, object]:
    word = "".join(chr(97 + int(digit)) for digit in str(number))
    lines = [{"text": f"2 cups {word} roots"}, {"text": f"1 tsp ground {word}"}]
    text = {"title": f"Stew of {word}", "ingredients": lines, "instructions": [{"text": "Cook it."}]}
    return {"id": f"r{number}", "partition": partition, **text, **changes}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the stage on records; gives its recipes, what it rejected and its metrics."""
    monkeypatch.chdir(tmp_path)
    Path("raw").mkdir()

    def stage(layer1: object, layer2: object = (), det_ingrs: object | None = None, **changes: str):
        Path("raw/layer1.json").write_text(json.dumps(layer1))
        Path("raw/layer2.json").write_text(json.dumps(layer2))
        if det_ingrs is not None:
            Path("raw/det_ingrs.json").write_text(json.dumps(det_ingrs))
        corpus.run(SETTINGS.model_copy(update=changes))
        tables = (paths.Corpus.RECIPES, paths.Corpus.REJECTED)
        recipes, rejected = (pq.read_table(path).to_pylist() for path in tables)
        return recipes, rejected, json.loads(paths.metrics("corpus").read_text())

    return stage


def leaves(data: object) -> list[object]:
    return [leaf for value in data.values() for leaf in leaves(value)] if isinstance(data, dict) else [data]


@pytest.mark.parametrize("layer2", [[], [{"id": "r1", "images": ["a.jpg"]}]])
def test_metrics_of_one_recipe_are_numbers(run, layer2):
    det_ingrs = [{"id": "r1", "valid": [True, True], "ingredients": [{"text": "root"}] * 2}]
    _, _, metrics = run([recipe(1)], layer2, det_ingrs)
    assert {type(leaf) for leaf in leaves(metrics)} <= {int, float}
    assert metrics["with_photo"] == len(layer2) and metrics["with_entities"] == 1


def test_lists_that_do_not_fit_are_counted_and_said(run, capsys):
    fits = {"valid": [True, True], "ingredients": [{"text": "root"}, {"text": "root"}]}
    short = {"valid": [True], "ingredients": [{"text": "root"}]}
    det_ingrs = [{"id": "r1"} | fits, {"id": "r2"} | short, {"id": "r3"} | short]
    recipes, rejected, metrics = run([recipe(n) for n in range(9)], (), det_ingrs)
    assert len(recipes) == 9 and metrics["with_entities"] == 1
    reasons = {"does not fit the recipe's ingredient lines": 2}
    assert metrics["det_ingrs"] == {"records": 3, "used": 1, "rejected": {"all": 2, "reasons": reasons}}
    assert [(one["layer"], one["id"]) for one in rejected] == [("det_ingrs", "r2"), ("det_ingrs", "r3")]
    said = capsys.readouterr().err
    assert "2 of 3 records of det_ingrs" in said and "1 of 9 recipes have names" in said


def test_counts_of_layers_and_photos_add_up(run):
    images = ["a b.jpg", {"id": "c.d.jpg"}, {"id": "../e.jpg"}, "a b.jpg", {"id": "\ud83d.jpg"}, {}]
    layer2 = [{"id": "r1", "images": images}, {"id": "nobody", "images": ["f.jpg"]}, {"id": "\ud83d"}]
    recipes, rejected, metrics = run([recipe(1), recipe(2, id="x y"), recipe(3, id="\ud83d")], layer2)
    assert [one["photos"] for one in recipes] == [["a b.jpg", "c.d.jpg"]]
    assert metrics["rejected"]["all"] == 2 and metrics["recipes"]["all"] == 1
    assert metrics["layer2"]["records"] == 3 and metrics["layer2"]["used"] == 1
    assert metrics["photos"] + metrics["rejected_photos"]["all"] == len(images)
    whole = [one for one in rejected if one["photo"] is None]
    assert len(whole) == 4 and len(rejected) - len(whole) == metrics["rejected_photos"]["all"] == 4


def test_the_source_is_in_the_corpus_and_in_the_metrics(run):
    url = {"url": "http://www.a.org/1"}
    layer1 = [recipe(1, **url), recipe(2, "test", **url), recipe(3, source="Book"), recipe(4)]
    recipes, _, metrics = run(layer1)
    assert [one["source"] for one in recipes] == ["a.org", "a.org", "Book", None]
    assert corpus.RECIPES.names[-2:] == ["source", "url"]
    assert [one["url"] for one in recipes] == [url["url"]] * 2 + [None] * 2
    assert metrics["sources"] == {"all": 2, "in_several_partitions": 1, "recipes_without": 1}


def test_a_split_by_source(run):
    parts = ["train"] * 6 + ["val"] * 2 + ["test"] * 2
    layer1 = [recipe(n, parts[n // 2], source=f"site {n % 5}") for n in range(20)]
    given, _, before = run(layer1)
    split, _, after = run(layer1, split="source")
    assert [one["partition"] for one in given] == [one["partition"] for one in layer1]
    assert (before["sources"]["in_several_partitions"], after["sources"]["in_several_partitions"]) == (5, 0)
    where = {(one["source"], one["partition"]) for one in split}
    assert len(where) == 5 and after["recipes"] == {"all": 20, "train": 12, "val": 4, "test": 4}


def test_a_split_of_two_sources_is_refused_in_one_line(run):
    with pytest.raises(SejeError, match=r"corpus\.split source needs .* 3 sources.* there are 2 sources"):
        run([recipe(n, source=f"site {n % 2}") for n in range(9)], split="source")


def test_what_is_left_after_dropping_is_counted(run):
    copy = {key: recipe(1)[key] for key in ("title", "ingredients", "instructions")}
    layer1 = [recipe(1), recipe(2, "test", **copy), recipe(3, "test", **copy), recipe(4), recipe(5)]
    names = {"r1": ["one.jpg"], "r2": ["two.jpg"], "r3": ["two.jpg"], "r4": ["two.jpg", "4.jpg"]}
    names["r5"] = ["4.jpg"]
    layer2 = [{"id": id_, "images": photos} for id_, photos in names.items()]
    _, _, kept = run(layer1, layer2)
    assert kept["near_duplicates"]["train_test"] == 1 and kept["near_duplicates"]["all"] == 3
    assert kept["photos_used_twice"] == 2
    recipes, rejected, left = run(layer1, layer2, leaks="drop")
    assert {one["id"]: one["photos"] for one in recipes} == {
        "r2": ["two.jpg"],
        "r3": ["two.jpg"],
        "r4": ["4.jpg"],
        "r5": ["4.jpg"],
    }
    assert [(one["id"], one["reason"], one["photo"]) for one in rejected] == [
        ("r1", "nearly repeats a recipe of test", None),
        ("r4", "photo of a recipe of test", "two.jpg"),
    ]
    # The two of test still repeat each other, and so do the two of train.
    assert left["near_duplicates"] == {"all": 2, "groups": 1, "train_val": 0, "train_test": 0, "val_test": 0}
    assert left["photos_used_twice"] == 2 and left["photos"] == 4
    groups = pq.read_table(paths.Corpus.DUPLICATES).to_pylist()
    assert [one["id"] for one in groups] == ["r2", "r3"]


def test_no_good_recipe_says_why(run):
    with pytest.raises(SejeError, match="no good recipe in layer1; .*'no title': 2"):
        run([recipe(1, title=""), recipe(2, title="\u200b")])


def test_where_nothing_is_to_drop_the_second_pass_writes_the_bytes_of_the_first(run):
    layer2 = [{"id": f"r{number}", "images": [f"{number}.jpg"]} for number in range(30)]
    written = []
    for leaks in ("keep", "drop"):
        *_, metrics = run(
            [recipe(number, PARTITIONS[number % 3]) for number in range(30)], layer2, leaks=leaks
        )
        written.append((paths.Corpus.RECIPES.read_bytes(), metrics))
    assert written[0] == written[1]


def test_no_good_recipe_leaves_the_corpus_as_it_was(run):
    run([recipe(1)])
    before = paths.Corpus.RECIPES.read_bytes()
    with pytest.raises(SejeError, match="no good recipe"):
        run([recipe(1, "nowhere")])
    assert paths.Corpus.RECIPES.read_bytes() == before
