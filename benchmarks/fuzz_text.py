"""Mutated recipes through the text stages: none is lost without a word, nothing ends in a traceback.

    python benchmarks/fuzz_text.py                       # 10,000 records, then `seje tag` on their lines
    python benchmarks/fuzz_text.py 1000 --seed 2

Takes the records of a text-only kitchen, changes each in up to three ways (odd characters, HTML, other
types, lost and nested fields, huge numbers), writes them in Recipe1M's layout and runs corpus, word2vec,
keyterms, ranking and instructions. Ends with 1 where a stage fails, where a record is neither kept nor set
aside, where a feature is not finite, or where a stage holds more than LIMIT.
"""

import argparse
import copy
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import yaml
from text import MEASURED, command, measure, params

LIMIT = 2 << 30  # bytes that a stage may hold
SMALL = ["kitchen.recipes=200", "kitchen.photos=false", "word2vec.epochs=1", "keyterms.epochs=1"]
SMALL += ["instructions.epochs=1", "ranking.words=16"]
LAYERS = ("layer1", "layer2", "det_ingrs")
TEXTS = ("title", "ingredients", "instructions")
ODD = [
    "\u200b", "\u00ad", "\u2063", "\ufeff", "\u3164", "\u2800", "\u202e", "\x00", "\x1b[31m", "\x85",
    "\u2028", "\ud83d", "\udc00", "e\u0301\u0323", "a" + "\u0300" * 200, "\u0928\u092e\u0915",
    "\u5bff\u53f8", "\u0645\u200c\u062d", "\U0001f957", "\U0001f468\u200d\U0001f373", "\u00bd",
    "1\u2044\u2082", "\u00b2", "\u2122", "\u00ba", "\u2019", "\u2011", "\uff11\uff12", "&frac12;",
    "&#8260;", "&amp;amp;", "<b>", "<script>x</script>", "<a href='", "For the sauce:", " or ", " and ",
    "##", "(", ")(", "\t\r\n", "9" * 400, "w" * 5000, "x " * 3000,
]  # fmt: skip
VALUES = [None, True, 0, -1, 1.5, 2**70, float("nan"), float("inf"), "", " ", "text", [], {}, [[]], [None]]
VALUES += [{"text": None}, {"text": 7}, [{"text": []}], [{"text": "salt"}] * 300]

Record = dict[str, Any]
Change = Callable[[random.Random, Record], None]


def main() -> None:
    """Make the records, run the stages, tag lines, say what was kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("records", type=int, nargs="?", default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "params.yaml").write_text(yaml.safe_dump(params(SMALL)), encoding="utf-8")
        measure("kitchen", name)
        lines = mutate(folder, arguments.records, random.Random(arguments.seed))
        for stage in MEASURED:
            _, peak = measure(stage, name)
            expect(peak < LIMIT, f"{stage} held {peak / 1e9:.1f} GB")
        check(folder, arguments.records)
        tag(folder, lines)


def mutate(folder: Path, count: int, chance: random.Random) -> list[str]:
    """Write `count` records in the place of the kitchen's, with their companions; give ingredient lines."""
    source = folder / "pipeline/kitchen/recipe1m"
    recipes, named = (
        {row["id"]: row for row in json.loads((source / f"{layer}.json").read_text())}
        for layer in ("layer1", "det_ingrs")
    )
    ids, lines = list(recipes), []
    written: dict[str, list[str]] = {layer: [] for layer in LAYERS}
    for number in range(count):
        base = chance.choice(ids)
        photos = {"images": [{"id": f"{number:010x}.jpg"}, f"my dish ({number}).jpg"]}
        made = {"layer1": recipes[base], "layer2": photos, "det_ingrs": named.get(base, {})}
        made = {layer: copy.deepcopy(record) | {"id": f"{number:010x}"} for layer, record in made.items()}
        for _ in range(chance.randrange(4)):
            chance.choice(CHANGES)(chance, chance.choice(list(made.values())))
        lines += [text for text in texts(made["layer1"]) if "\n" not in text and "\r" not in text][:1]
        for layer, record in made.items():
            written[layer].append(json.dumps(record))
    for layer, records in written.items():
        (source / f"{layer}.json").write_text("[" + ",\n".join(records) + "]", encoding="utf-8")
    return lines


def texts(record: Record) -> list[str]:
    """Ingredient lines of a record, where it still has any."""
    lines = record.get("ingredients")
    rows = [line for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []
    return [row["text"] for row in rows if isinstance(row.get("text"), str)]


def change_text(chance: random.Random, record: Record) -> None:
    """Put something odd into one of the record's texts."""
    field = record.get(chance.choice(TEXTS))
    if isinstance(field, list) and field and isinstance(field[0], dict):
        line = chance.choice(field)
        if isinstance(line, dict) and isinstance(line.get("text"), str):
            line["text"] = odd(chance, line["text"])
    elif isinstance(field, str):
        record["title"] = odd(chance, field)


def odd(chance: random.Random, text: str) -> str:
    """The text with a piece put in, put in its place, or with a part cut out."""
    start, end = sorted((chance.randrange(len(text) + 1), chance.randrange(len(text) + 1)))
    piece = chance.choice(ODD)
    return chance.choice(
        [text[:start] + piece + text[start:], piece, text[:start] + text[end:], text + piece]
    )


def change_value(chance: random.Random, record: Record) -> None:
    """Give a field, known or not, a value of another kind."""
    record[chance.choice([*record, "new", "source", "url"])] = copy.deepcopy(chance.choice(VALUES))


def change_line(chance: random.Random, record: Record) -> None:
    """Lose, repeat or replace one entry of a list."""
    lists = [value for value in record.values() if isinstance(value, list) and value]
    if lists:
        rows = chance.choice(lists)
        place = chance.randrange(len(rows))
        rows[place : place + 1] = chance.choice(
            [[], [rows[place]] * 2, [copy.deepcopy(chance.choice(VALUES))]]
        )


def drop(chance: random.Random, record: Record) -> None:
    """Lose a field."""
    if record:
        del record[chance.choice(list(record))]


def nest(chance: random.Random, record: Record) -> None:
    """Give a field a value that is nested deeper than a parser likes."""
    deep: Any = "salt"
    for _ in range(chance.choice([10, 400])):
        deep = [deep]
    record[chance.choice([*record, "new"])] = deep


CHANGES: list[Change] = [change_text] * 12 + [change_value] * 3 + [change_line] * 3 + [drop, nest]


def check(folder: Path, count: int) -> None:
    """Compare what was read with what was kept, set aside and made of it."""
    pipeline = folder / "pipeline"
    measured = json.loads((folder / "metrics/corpus.json").read_text())
    recipes = pq.read_table(pipeline / "corpus/recipes.parquet")
    kept, aside = len(recipes), measured["rejected"]["all"]
    expect(kept + aside == count, f"{count} records: {kept} kept, {aside} set aside")
    for layer in LAYERS[1:]:
        found = measured[layer]
        lost = found["records"] - found["used"] - found["rejected"]["all"]
        expect(not lost, f"{lost} records of {layer} are neither used nor set aside")
    expect(
        pq.read_table(pipeline / "keyterms/keyterms.parquet")["id"].equals(recipes["id"]), "key terms differ"
    )
    for name in ("ranking/features.npy", "ranking/words.npy", "instructions/vectors.npy"):
        expect(bool(np.isfinite(np.load(pipeline / name)).all()), f"{name} is not finite")
    sentences = sum(map(len, recipes["instructions"].to_pylist()))
    expect(
        int(np.load(pipeline / "instructions/offsets.npy")[-1]) == sentences, "instructions without a vector"
    )
    print(f"{count} records: {kept} kept, {aside} set aside: {measured['rejected']['reasons']}")


def tag(folder: Path, lines: list[str]) -> None:
    """Tag one line of each record as `seje tag` reads them; an answer for each."""
    given = "\n".join(lines).encode("utf-8", "replace")
    done = subprocess.run([*command("tag"), "--json"], cwd=folder, input=given, capture_output=True)
    expect(done.returncode == 0, f"seje tag: {done.stderr[-500:].decode()}")
    answers = [json.loads(line) for line in done.stdout.strip().split(b"\n")]
    expect(len(answers) == len(lines), f"seje tag: {len(answers)} answers to {len(lines)} lines")
    print(f"{len(lines)} lines tagged")


def expect(good: bool, otherwise: str) -> None:
    """End with what went wrong unless all is well."""
    if not good:
        sys.exit(f"fuzz: {otherwise}")


if __name__ == "__main__":
    main()
