import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from gensim.models import KeyedVectors

from seje import files, params, paths
from seje.errors import SejeError
from seje.stages import ranking

SECTION = params.Ranking(method="tfidf", weighted_mean=True, l2=False)
TERMS = [["salt", "red_wine", "salt"], ["salt"], [], ["unheard"]]


@pytest.fixture
def inputs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ids = [f"{row:010x}" for row in range(4)]
    files.write_table(
        paths.Corpus.RECIPES, pa.table({"id": ids, "partition": ["train", "train", "val", "test"]})
    )
    files.write_table(
        paths.Keyterms.TERMS, pa.table({"id": ids, "terms": pa.array(TERMS, pa.list_(pa.string()))})
    )
    vectors = KeyedVectors(2)
    vectors.add_vectors(["salt", "red", "wine"], np.array([[1, 0], [0, 1], [0, 3]], np.float32))
    paths.Word2vec.VECTORS.parent.mkdir()
    vectors.save_word2vec_format(str(paths.Word2vec.VECTORS), binary=True)


def test_scores_features_and_metrics(inputs):
    ranking.run(SECTION)
    scores = pq.read_table(paths.Ranking.SCORES).to_pylist()
    assert [row["terms"] for row in scores] == [["salt", "red_wine"], ["salt"], [], ["unheard"]]
    salt, wine = scores[0]["scores"]
    assert salt == pytest.approx(2) and wine == pytest.approx(1 + np.log(3 / 2))
    features = np.load(paths.Ranking.FEATURES)
    assert features.dtype == np.float32
    expected = np.array([[salt, 2 * wine], [1, 0], [0, 0], [0, 0]])
    expected[0] /= salt + wine
    assert features == pytest.approx(expected)
    assert json.loads(paths.metrics("ranking").read_text()) == {
        "recipes_without_feature": 2,
        "terms": 3,
        "terms_per_recipe": 1.0,
        "terms_without_vector": 1,
    }
    first = [path.read_bytes() for path in (paths.Ranking.SCORES, paths.Ranking.FEATURES)]
    ranking.run(SECTION)
    assert first == [path.read_bytes() for path in (paths.Ranking.SCORES, paths.Ranking.FEATURES)]


def test_key_terms_of_other_recipes_are_refused(inputs):
    table = pq.read_table(paths.Keyterms.TERMS)
    files.write_table(paths.Keyterms.TERMS, table.slice(1))
    with pytest.raises(SejeError, match="dvc repro keyterms"):
        ranking.run(SECTION)
