from dataclasses import replace

import onnxruntime
import pytest
import torch

from seje.errors import SejeError
from seje.model import onnx
from seje.towers.features import RecipeBatch
from seje.towers.joint_model import JointModel, ModelSizes

pytestmark = pytest.mark.slow
SIZES = ModelSizes(8, 6, 0, 10, 8, 0, "lstm", 12, 16, 3, 0.2, 0.0)


def model(sizes):
    torch.manual_seed(0)
    made = JointModel(sizes)
    for buffer in made.buffers():
        if buffer.dtype == torch.float32:
            buffer.add_(torch.rand(buffer.shape))
    return made.eval()


@pytest.mark.parametrize(
    "sizes",
    [
        SIZES,
        replace(SIZES, words=5, linear=4),
        replace(SIZES, terms=0, labels=0),
        replace(SIZES, recipe="transformer", words=5),
    ],
)
def test_both_towers_give_what_pytorch_gives(tmp_path, sizes):
    made = model(sizes)
    found = onnx.export_towers(made, tmp_path)
    assert set(found) == {"recipe.onnx", "image.onnx"} == {path.name for path in tmp_path.iterdir()}
    assert max(found.values()) < 1e-5
    session = onnxruntime.InferenceSession(str(tmp_path / "recipe.onnx"))
    samples = [
        torch.randn(5, sizes.terms),
        torch.randn(5, 11, sizes.sentence),
        torch.tensor([1, 11, 0, 4, 2]),
        torch.randn(5, sizes.words),
    ]
    samples[0][1] = 0
    if sizes.recipe == "transformer":
        samples += [torch.randn(5, 7, sizes.sentence), torch.tensor([1, 7, 0, 4, 2])]
    names = {place.name for place in session.get_inputs()}
    feed = dict(zip(onnx.recipe_inputs(made), (part.numpy() for part in samples), strict=True))
    (given,) = session.run(None, {name: part for name, part in feed.items() if name in names})
    with torch.no_grad():
        expected = made.embed_recipes(RecipeBatch(*samples)).numpy()
    assert abs(given - expected).max() < 1e-5


def test_a_graph_that_differs_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx, "LARGEST", -1.0)
    with pytest.raises(SejeError, match="from PyTorch, more than"):
        onnx.export_towers(model(SIZES), tmp_path)
    assert not (tmp_path / "recipe.onnx").exists()


def test_a_graph_that_gives_nan_is_not_kept(tmp_path):
    made = model(SIZES)
    torch.nn.init.constant_(made.image.project[1].weight, float("nan"))
    with pytest.raises(SejeError, match=r"image.onnx: nan from PyTorch, more than"):
        onnx.export_towers(made, tmp_path)
    assert not (tmp_path / "image.onnx").exists()
