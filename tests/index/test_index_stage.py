"""The stage `index`: metrics and files of FAISS, and the same through Milvus."""

import json
import shutil

import numpy as np
import pytest

from seje.data.fingerprint import fingerprint
from seje.index import stage as index
from seje.index.faiss_index import Index, exact
from seje.index.milvus import Milvus
from seje.index.settings import IndexSettings
from seje.workspace import files, paths

pytestmark = pytest.mark.slow
IGNORED = shutil.ignore_patterns("kitchen", "index")
BOTH = ("train", "val")


@pytest.fixture
def pipeline(small_pipeline, tmp_path, monkeypatch):
    shutil.copytree(small_pipeline / "pipeline", tmp_path / "pipeline", ignore=IGNORED)
    monkeypatch.chdir(tmp_path)


def run(**changes):
    index.run(IndexSettings(**{"partitions": BOTH, "kind": "auto", "uri": None} | changes))
    return json.loads(paths.metrics("index").read_text())


@pytest.mark.parametrize("kind", ["auto", "rabitq"])
def test_what_is_indexed_is_found(pipeline, kind):
    told = run(kind=kind)
    vectors = files.read_array(paths.Index.PHOTOS, "index")
    items = files.read_table(paths.Index.PHOTO_ITEMS, "index")
    assert told["photos"] == len(vectors) == items.num_rows
    assert told["search"]["photos"]["kind"] == {"auto": "flat"}.get(kind, kind)
    assert told["search"]["photos"]["recall@10"] >= 0.9
    found = Index.load(paths.Index.FOLDER / "photos.faiss")
    np.testing.assert_array_equal(found.search(vectors[:9], 1)[1][:, 0], np.arange(9))


def test_the_terms_come_heaviest_first(pipeline):
    run(partitions=("train", "val", "test"))
    ids = files.read_table(paths.Corpus.RECIPES, "corpus", ["id"])["id"].to_pylist()
    scored = dict(zip(ids, files.read_table(paths.Ranking.SCORES, "ranking").to_pylist(), strict=True))
    for item in files.read_table(paths.Index.RECIPE_ITEMS, "index").to_pylist():
        rated = scored[item["id"]]
        weights = dict(zip([term.replace("_", " ") for term in rated["terms"]], rated["scores"], strict=True))
        shown = [weights[term] for term in item["terms"]]
        assert shown == sorted(weights.values(), reverse=True)


def test_other_partitions_are_left_out(pipeline):
    run()
    assert set(files.read_table(paths.Index.RECIPE_ITEMS, "index")["partition"].to_pylist()) == set(BOTH)


def test_milvus_holds_the_same(pipeline):
    told = run(uri="milvus.db")
    assert told["search"]["recipes"] == {"kind": "milvus", "recall@10": 1.0}
    assert not list(paths.Index.FOLDER.glob("*.faiss"))
    recipes = np.asarray(files.read_array(paths.Index.RECIPES, "index"))
    milvus = Milvus(paths.milvus("milvus.db"), "seje_recipes", fingerprint(paths.Index.RECIPES))
    np.testing.assert_array_equal(milvus.search(recipes[:5], 3)[1], exact(recipes[:5], recipes, 3)[1])
    milvus.close()
