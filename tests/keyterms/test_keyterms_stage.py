"""The stage on a text-only kitchen: given and weak labels, one process and two, the user's command."""

import io
import json

import pyarrow.parquet as pq
import pytest
from conftest import small_params
from typer.testing import CliRunner

from seje.cli import app
from seje.shards import engine
from seje.workspace import files, paths

KITCHEN = {"recipes": 700, "photos": False}
TAGGER = {"hidden": 64, "epochs": 3}


def run(stage: str, **changes: dict[str, object]) -> None:
    sections = {"kitchen": KITCHEN, "keyterms": TAGGER, "word2vec": {"vector_size": 100, "epochs": 5}}
    sections |= {"corpus": {}}
    paths.Path("params.yaml").write_text(
        small_params(**{name: sections.get(name, {}) | changes.get(name, {}) for name in sections})
    )
    result = CliRunner().invoke(app, [stage])
    assert result.exit_code == 0, result.output


def entities(partition: str) -> dict[str, float]:
    return json.loads(paths.metrics("keyterms").read_text())[partition]["entities"]


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for stage in ("kitchen", "corpus", "word2vec"):
        run(stage)


@pytest.mark.slow
def test_entities_with_labels_and_without(corpus, monkeypatch):
    run("keyterms")
    found = json.loads(paths.metrics("keyterms").read_text())
    assert entities("test")["f1"] >= 0.97
    assert found["lines"]["reexamined"] > 0 and found["lines"]["lost"] > 0
    assert sum(found["lines"].values()) == pytest.approx(1, abs=1e-5)
    written = paths.Keyterms.TERMS.read_bytes(), paths.Keyterms.TAGGER.read_bytes()

    tagged = CliRunner().invoke(app, ["tag", "--json", "2 cups red wine", "\U0001f373"])
    wine, egg = map(json.loads, tagged.output.splitlines())
    assert wine["entity"] == "red wine" and wine["quantity"] == "2 cups" and wine["valid"]
    assert egg["entity"] == "" and not egg["valid"]

    monkeypatch.setattr(engine.os, "cpu_count", lambda: 2)
    run("corpus", corpus={"shard": 512})
    run("word2vec")
    run("keyterms")
    assert not paths.Keyterms.TERMS.exists() and paths.Keyterms.TAGGER.read_bytes() == written[1]
    assert files.read_table(paths.Keyterms.TERMS, "keyterms").equals(pq.read_table(io.BytesIO(written[0])))

    run("keyterms", keyterms=TAGGER | {"labels": "weak"})
    assert entities("test")["f1"] >= 0.85


def test_tag_before_any_training(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["tag", "1 egg"])
    assert result.exit_code == 2
    assert result.output.strip() == "seje: pipeline/corpus/made_of.json is missing: run `dvc repro keyterms`"
