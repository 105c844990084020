"""All stages on real recipes and photos, where they are at hand."""

import json

import pytest
from conftest import small_params
from test_house import DESIGN
from typer.testing import CliRunner

from seje.cli import app


@pytest.mark.slow
def test_public_domain_recipes_run_through_all_stages(shared, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    params = small_params(
        corpus={"source": str(shared / "publicdomain"), "max_instructions": 30},
        images={"size": 224},
        categories={"labelled": None, "backbone": str(shared / "weights/mobilenet_v1_075_224.onnx")},
    )
    (tmp_path / "params.yaml").write_text(params)
    for stage in DESIGN.split():
        result = CliRunner().invoke(app, [stage])
        assert result.exit_code == 0, (stage, result.output)
    metrics = {path.stem: json.loads(path.read_text()) for path in (tmp_path / "metrics").glob("*.json")}
    assert metrics["corpus"]["recipes"]["all"] == 116
    assert metrics["images"]["photos"]["all"] == 116
    assert metrics["evaluation"]["test_pairs"] == 21
    assert CliRunner().invoke(app, ["metrics"]).exit_code == 0
