"""Given and weak labels together, headings, joined names and lost lines: nothing is left uncounted."""

import json
from pathlib import Path

import pytest
from conftest import small_params
from typer.testing import CliRunner

from seje.cli import app
from seje.workspace import files, paths

NAMES = ["oats", "lentils", "maple syrup", "cottage cheese", "spinach", "barley", "parsnip", "date"]
UNITS = ["2 cups", "1 tbsp", "3", "250 g", "1/2 cup"]


def recipe(number: int) -> dict[str, object]:
    """Write a recipe of three ingredients and a heading, the last line with two names."""
    first, second = NAMES[number % 8], NAMES[(number * 3 + 1) % 8]
    lines = [
        f"{UNITS[number % 5]} {first}",
        "For the top:",
        f"{UNITS[number % 4]} {second}",
        "salt and pepper",
    ]
    texts = [f"Boil the {first}.", f"Add the {second}, then salt and pepper.", f"Serve {second} hot."]
    return {
        "id": f"{number:010x}",
        "partition": ("train", "train", "train", "val", "test")[number % 5],
        "title": f"{first} with {second}",
        "url": "",
        "ingredients": [{"text": line} for line in lines],
        "instructions": [{"text": text} for text in texts],
    }


def detected(number: int, names: list[str]) -> dict[str, object]:
    return {
        "id": f"{number:010x}",
        "valid": [bool(name) for name in names],
        "ingredients": [{"text": name} for name in names],
    }


def run(folder: Path, labels: str, stages: str) -> str:
    (folder / "params.yaml").write_text(
        small_params(
            corpus={"source": "raw"}, word2vec={"min_count": 1}, keyterms={"labels": labels, "epochs": 20}
        )
    )
    output = ""
    for stage in stages.split():
        done = CliRunner().invoke(app, [stage])
        assert done.exit_code == 0, done.output
        output += done.output + done.stderr
    return output


@pytest.fixture
def partial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A corpus of which one recipe in 80 has names, and another a list that does not fit."""
    monkeypatch.chdir(tmp_path)
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "layer1.json").write_text(json.dumps([recipe(number) for number in range(80)]))
    (raw / "layer2.json").write_text("[]")
    lists = [detected(0, ["oats", "", "lentils", ""]), detected(1, ["lentils"])]
    (raw / "det_ingrs.json").write_text(json.dumps(lists))
    return tmp_path


def test_given_and_weak_labels_are_used_together(partial: Path) -> None:
    run(partial, "auto", "corpus word2vec keyterms")
    found = json.loads(paths.metrics("keyterms").read_text())
    given, weak = found["learning"]["given"], found["learning"]["weak"]
    assert given == {"recipes": 1, "learnt": 4, "taught_nothing": 0}
    assert weak["recipes"] == 47 and weak["learnt"] + weak["taught_nothing"] == 47 * 4
    assert weak["learnt"] > 150
    assert found["headings"] == 80 and found["lines"]["heading"] == 0.25
    assert found["lines_without_entity"] == round(found["lines"]["lost"] * 320) < 16
    assert found["joined_entities"] >= 70
    for row in files.read_table(paths.Keyterms.TERMS, "keyterms").to_pylist():
        lines = [
            term for term, field in zip(row["terms"], row["fields"], strict=True) if field == "ingredients"
        ]
        assert {"salt", "pepper"} <= set(lines) and "top" not in lines

    bad = b"200 g cr\xe8me\n"
    tagged = CliRunner().invoke(
        app, ["tag", "--json"], input=b"3 spinach\n" + bad + "1 cup cr\u00e8me\n".encode()
    )
    assert tagged.exit_code == 2
    assert tagged.stderr == "seje: tag: 1 not read, since they are not UTF-8: line 2\n"
    answers = [json.loads(line) for line in tagged.stdout.splitlines()]
    assert [answer["line"] for answer in answers] == ["3 spinach", "1 cup cr\u00e8me"]
    assert answers[0]["entity"] == "spinach"
    both = CliRunner().invoke(app, ["tag", "--json", "salt & pepper", "FOR THE TOP"])
    first, heading = map(json.loads, both.stdout.splitlines())
    assert both.exit_code == 0 and (first["entity"], first["joined"]) == ("salt", ["pepper"])
    assert (heading["entity"], heading["found"]) == ("", "heading")


def test_few_given_labels_alone_are_told(partial: Path) -> None:
    said = run(partial, "det_ingrs", "corpus word2vec keyterms")
    assert "1 of 48 recipes of train, 4 lines, are all there is to learn from" in " ".join(said.split())
    assert json.loads(paths.metrics("keyterms").read_text())["learning"]["weak"]["recipes"] == 0
