import json
import string

import pyarrow as pa
import pyarrow.parquet as pq

from seje.corpus.stage import RECIPES
from seje.text import vectors
from seje.word2vec import stage as word2vec
from seje.word2vec.settings import Word2vecSettings
from seje.workspace import paths


def test_entities_are_tokens_even_where_nobody_names_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths.Corpus.RECIPES.parent.mkdir(parents=True)
    recipe = {"partition": "train", "title": "Bread", "entities": None, "valid": None, "photos": []}
    recipe |= {"instructions": ["Mix flour, salt and olive oil."]}
    rows = [
        recipe | {"id": f"{number:010x}", "ingredients": ["2 tbsp olive oil", f"1 {x}um", f"1 {x}ox"]}
        for number, x in enumerate(string.ascii_lowercase)
    ]
    pq.write_table(pa.Table.from_pylist(rows, RECIPES), paths.Corpus.RECIPES)
    section = Word2vecSettings(
        vector_size=8, window=5, epochs=1, min_count=2, hs=1, negative=0, workers=1, seed=1
    )
    word2vec.run(section)
    rows = vectors.load(paths.Word2vec.VECTORS).rows
    assert {"olive_oil", "olive", "oil"} <= set(rows)
    assert json.loads(paths.metrics("word2vec").read_text())["entities"] == 1
