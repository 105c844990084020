"""Why a recipe's terms weigh what they do: its key terms, rated by every method."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from seje.data.recipe_text import TEXT, recipe_text
from seje.errors import SejeError
from seje.instructions.pretrained import load_encoder
from seje.ranking.bert import bert
from seje.ranking.settings import RankingSettings
from seje.ranking.textrank import textrank
from seje.ranking.tfidf import Idf, Occurrences, number_terms, tfidf
from seje.workspace import files, lineage, paths, rated_terms

Scores = dict[str, float]  # of each term


def explain_recipe(recipe: str, ranking: RankingSettings) -> dict[str, Any]:
    """Rate the terms of the recipe of this id by every method, as plain data.

    Returns its id, partition and title; `method`, the one that `ranking` sets; `terms`, heaviest first as
    the stage `ranking` rated them, each with its kinds, fields, number of occurrences and a score for each
    method; `left_out`: the methods that cannot be had, each with the reason. Raises SejeError for an unknown
    id or a missing file.
    """
    lineage.check("ranking")
    row = _row(files.read_table(paths.Corpus.RECIPES, "corpus", ["id"])["id"], recipe)
    text = files.read_row(paths.Corpus.RECIPES, "corpus", row)
    found = files.read_row(paths.Keyterms.TERMS, "keyterms", row)
    own = number_terms([pa.array([found["terms"]], pa.list_(pa.string()))])
    scores = {
        "tfidf": _scores(own, tfidf(own, idf())),
        "textrank": _scores(own, textrank(own, ranking.window, ranking.damping)),
    }
    left_out = {}
    try:
        scores["bert"] = _bert(own, text, ranking.model)
    except SejeError as error:
        left_out["bert"] = str(error)
    terms = [_term(term, found, scores) for term in rated_terms.heaviest_terms(row)]
    facts = {key: text[key] for key in ("id", "partition", "title")} | {"method": ranking.method}
    return facts | {"terms": terms, "left_out": left_out}


def idf() -> Idf:
    """The train partition's IDF, as the stage `ranking` wrote it."""
    table = files.read_table(paths.Ranking.IDF, "ranking")
    return Idf.stored(table["term"].to_pylist(), table["idf"].to_pylist())


def _row(ids: Any, recipe: str) -> int:
    """Find an id; where it is unknown, name up to three that begin as it does."""
    row = files.place_of(ids, recipe)
    if row >= 0:
        return row
    begun = recipe[: pc.max(pc.utf8_length(ids)).as_py()].encode(errors="replace").decode()
    for length in range(len(begun), 0, -1):
        like = ids.filter(pc.starts_with(ids, begun[:length])).slice(0, 3).to_pylist()
        if like:
            raise SejeError(f"no recipe has the id {recipe!r:.80}; like it are {', '.join(like)}")
    raise SejeError(
        f"no recipe has the id {recipe!r:.80}: {paths.Corpus.RECIPES} holds {len(ids)}, as {ids[0]}"
    )


def _bert(own: Occurrences, text: dict[str, Any], model: str | None) -> Scores:
    if model is None:
        raise SejeError("ranking.model is null: set it to a sentence-transformers model, by name or folder")
    texts = [recipe_text(*(text[part] for part in TEXT))]
    return _scores(own, bert(own, texts, load_encoder(model)))


def _scores(occurrences: Occurrences, row: Any) -> Scores:
    """Give the scores of one recipe, sparse [1, T], by term."""
    return {occurrences.terms[term]: float(score) for term, score in zip(row.indices, row.data, strict=True)}


def _term(term: str, found: dict[str, list[str]], scores: dict[str, Scores]) -> dict[str, Any]:
    places = [place for place, other in enumerate(found["terms"]) if other == term]
    facts = {key: list(dict.fromkeys(found[key][place] for place in places)) for key in ("kinds", "fields")}
    by_method = {method: rated[term] for method, rated in scores.items()}
    return {"term": term, **facts, "occurrences": len(places), **by_method}
