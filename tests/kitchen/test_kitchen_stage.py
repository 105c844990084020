import json

from seje.kitchen import stage as kitchen
from seje.kitchen.settings import KitchenSettings
from seje.workspace import paths

SIZES = {"recipes": 40, "pixels": 32, "labelled_train": 1, "labelled_test": 1}
SMALL = KitchenSettings(**SIZES, photos=True, broken=0.1, seed=1)


def test_stage_writes_folder_and_metrics_and_repeats_itself(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = []
    for _ in range(2):
        kitchen.run(SMALL)
        metrics = paths.metrics("kitchen").read_text()
        folder = paths.Kitchen.FOLDER
        found.append((metrics, {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}))
    assert found[0] == found[1]
    measured = json.loads(found[0][0])
    assert measured["recipes"] == 40
    assert measured["broken_records"] == 4
    assert measured["labelled_photos"] == 2 * measured["dishes"]
    photos = [p for p in found[0][1] if p.suffix == ".jpg"]
    assert len(photos) == measured["photos"] + measured["labelled_photos"]
    assert sorted(p.name for p in folder.iterdir()) == ["food101", "planted.json", "recipe1m"]


def test_text_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kitchen.run(SMALL.model_copy(update={"photos": False}))
    measured = json.loads(paths.metrics("kitchen").read_text())
    assert (measured["photos"], measured["labelled_photos"], measured["broken_records"]) == (0, 0, 4)
    found = sorted(str(p.relative_to(paths.Kitchen.FOLDER)) for p in paths.Kitchen.FOLDER.rglob("*.*"))
    assert found == ["planted.json", *(f"recipe1m/{name}.json" for name in ("det_ingrs", "layer1", "layer2"))]
