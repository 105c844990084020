"""A text encoder that is trained along: frozen first, resumed, in two processes, and what it leaves."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
import tiny_bert
import torch
import torch.multiprocessing as multiprocessing
from conftest import changed
from lightning_fabric import Fabric
from tiny import LOSS, ROWS, SETTINGS, SIZE, SIZES, tiny

from seje.data.recipe_views import WHOLE, view
from seje.errors import SejeError
from seje.instructions.pretrained import load_encoder
from seje.joint.along import TEXT
from seje.joint.sampling import BatchRows, load
from seje.joint.text import BLOCK, start
from seje.joint.training import Training
from seje.joint.validation import scoring
from seje.towers.embedding import embed_recipes
from seje.towers.features import RecipeFeatures, pairs
from seje.towers.texts import Texts

TEXT_SIZES = replace(SIZES, sentence=tiny_bert.SIZE, lines=tiny_bert.SIZE)
TRAIN = pairs(ROWS, np.array(["train"] * SIZE), "train")
SEED = 7


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return str(tiny_bert.write(tmp_path_factory.mktemp("bert") / "made"))


def written(row: int) -> dict:
    """A recipe that shares all its words with others, and no title."""
    word = tiny_bert.WORDS
    ingredients = [f"{word[row]} {word[row + 1]}", "salt"][: 1 + row % 2]
    steps = [f"Boil the {word[row]}.", "Stir.", f"Add {word[-row - 1]}."][: row % 4]
    return {"title": f"{word[row]} {word[-row - 1]}", "ingredients": ingredients, "instructions": steps}


def recipes(folder, lines=True) -> RecipeFeatures:
    batches = [pa.RecordBatch.from_pylist([written(row) for row in range(SIZE)])]
    return replace(tiny()[0], texts=Texts(batches, folder, (lines, lines, True)))


def training(bert, sizes=TEXT_SIZES, loss=LOSS, fabric=None, **settings) -> Training:
    return Training(sizes, changed(SETTINGS, **settings), loss, fabric, text=start(bert))


def score(trained, features):
    photos = tiny()[1]
    return scoring(features, photos, TRAIN, None, trained.text)


def run(trained, folder, epochs=99, alone=None):
    features = recipes(folder)
    states = trained.run(features, tiny()[1], TRAIN, score(trained, features), alone)
    for _, state in zip(range(epochs), states, strict=False):
        yield {**state, "text": {name: tensor.clone() for name, tensor in state["text"].items()}}


def rows(shown=ROWS, recipe_views=WHOLE, alone=None, half=WHOLE) -> BatchRows:
    views, halves = (np.full(len(shown), number) for number in (recipe_views, half))
    return BatchRows(shown, views, shown, shown % 2, np.ones(len(shown), bool), alone, halves, SEED)


@pytest.mark.slow
def test_it_is_frozen_at_first_and_then_learns_at_its_own_rate(bert, tmp_path):
    trained = training(bert, freeze_epochs=2, epochs=3, schedule="cosine")
    before = {name: tensor.clone() for name, tensor in trained.text.state_dict().items()}
    first, second, third = (state["text"] for state in run(trained, tmp_path))
    for frozen in (first, second):
        assert all(torch.equal(frozen[name], before[name]) for name in before)
    still = {name for name in before if torch.equal(third[name], before[name])}
    # Pooling takes the mean of words; and whatever is added to all keys alike, attention is the same.
    assert all("pooler" in name or "key.bias" in name for name in still) and len(still) < len(before) / 4
    rates = [weights["lr"] for weights in trained.optimisers.towers.param_groups]
    assert rates[0] == rates[1] and rates[2] == pytest.approx(rates[0] / 10)


@pytest.mark.slow
def test_the_loss_falls_where_text_alone_tells_recipes_apart(bert, tmp_path):
    sizes = replace(TEXT_SIZES, terms=0)
    trained = training(bert, sizes, epochs=40, lr=0.01, text_lr=0.003)
    list(run(trained, tmp_path))
    losses = [epoch["loss"] for epoch in trained.history]
    assert losses[-1] < losses[0] / 2 and trained.history[-1]["R@1"] > trained.history[0]["R@1"]


@pytest.mark.slow
@pytest.mark.parametrize("steps", [2, 5, 6])  # while it is frozen, within an epoch, and at its end
def test_interrupted_it_ends_with_the_same_weights(bert, tmp_path, steps):
    settings = {"freeze_epochs": 1, "epochs": 3, "batch": 4, "drop": 0.3}
    loss = changed(LOSS, recipe=0.3)
    whole, first, second = (training(bert, loss=loss, **settings) for _ in range(3))
    list(run(whole, tmp_path, alone=ROWS))
    step, taken = first.step, []

    def counted(batch):
        taken.append(1)
        if len(taken) == steps:
            first.interrupt()
        return step(batch)

    first.step = counted
    torch.save(list(run(first, tmp_path, alone=ROWS))[-1], tmp_path / "state.pt")
    assert first.interrupted and len(taken) == steps
    torch.manual_seed(99)
    second.restore(torch.load(tmp_path / "state.pt", weights_only=True))
    list(run(second, tmp_path, alone=ROWS))
    assert second.history == whole.history
    assert any(name.startswith(TEXT) for name in whole.best)
    assert all(torch.equal(second.best[name], whole.best[name]) for name in whole.best)


def test_vectors_are_those_of_the_model_itself(bert, tmp_path):
    encoder, features = start(bert), recipes(tmp_path)
    batch = encoder(features.batch(ROWS))
    said = load_encoder(bert)
    for row in ROWS:
        recipe = written(row)
        for vectors, lines in (
            (batch.sentences, recipe["instructions"]),
            (batch.lines, [recipe["title"], *recipe["ingredients"]]),
        ):
            np.testing.assert_allclose(vectors[row, : len(lines)], said.encode(lines), atol=1e-6)
            assert not vectors[row, len(lines) :].any()


def test_hidden_parts_are_not_encoded(bert, tmp_path):
    encoder, features = start(bert), recipes(tmp_path)
    read, encode = [], encoder.encode
    encoder.encode = lambda texts: read.extend(texts) or encode(texts)
    batch = encoder(features.batch(ROWS, view("title")))
    assert sorted(read) == sorted({written(row)["title"] for row in ROWS})
    assert not batch.sentences.any() and not batch.lines[:, 1:].any() and batch.lines[:, 0].any(dim=1).all()
    read.clear()
    encoder(recipes(tmp_path, lines=False).batch(ROWS))
    assert sorted(read) == sorted({line for row in ROWS for line in written(row)["instructions"]})


def test_described_recipes_are_embedded_as_training_sees_them(bert, tmp_path, monkeypatch):
    monkeypatch.setattr("seje.joint.text.BLOCK", 5)
    trained, features = training(bert), recipes(tmp_path)
    trained.model.eval()
    some = ROWS[::-1].copy()
    blocks = list(trained.text.describe(features, some))
    assert [len(block.categories) for block in blocks] == [5, 5, 2] and BLOCK > 5
    assert all(
        part.vectors.dtype == np.float16 for block in blocks for part in (block.instructions, block.lines)
    )
    found = [embed_recipes(trained.model, block, np.arange(len(block.categories))) for block in blocks]
    with torch.no_grad():
        expected = trained.model.embed_recipes(trained.text(features.batch(some)))
    np.testing.assert_allclose(np.concatenate(found), expected, atol=2e-3)


def test_a_linear_part_is_fitted_to_what_does_not_move(bert, tmp_path):
    sizes = replace(TEXT_SIZES, words=5, linear=3)
    trained = training(bert, sizes, epochs=1, drop=0.2)
    list(run(trained, tmp_path))
    assert trained.model.linear.recipe_axes.any()


def test_half_precision_stays_near_the_whole_one(bert, tmp_path):
    losses = {}
    for precision in ("32-true", "bf16-mixed"):
        trained = training(bert, fabric=Fabric(devices=1, precision=precision))
        trained.text.train()
        parts = trained.step(load(recipes(tmp_path), tiny()[1], rows()))
        losses[precision] = parts["loss"]
        weights = [weight for weight in trained.text.parameters() if weight.grad is not None]
        assert weights and all(weight.grad.dtype == weight.dtype == torch.float32 for weight in weights)
    assert losses["bf16-mixed"] == pytest.approx(losses["32-true"], rel=4 * torch.finfo(torch.bfloat16).eps)


def gradients(bert, folder, drawn: BatchRows) -> dict[str, torch.Tensor]:
    """Gradients of both networks after a step."""
    trained = training(bert, loss=changed(LOSS, recipe=0.3))
    trained.text.train()
    trained.step(load(recipes(folder), tiny()[1], drawn))
    networks = {"model": trained.model, "text": trained.text}
    found = {}
    for network, held in networks.items():
        named = held.named_parameters()
        found |= {f"{network}.{name}": one.grad.clone() for name, one in named if one.grad is not None}
    return found


def draws() -> list[BatchRows]:
    """One of whole recipes and halves; one in which the second process's share shows no text."""
    silent = rows(recipe_views=view("instructions"))
    none = np.where(ROWS < SIZE // 2, ROWS, 4 * (ROWS % 3))  # every fourth recipe has no instructions
    half = np.where(ROWS % 2, view("title"), view("ingredients"))
    return [rows(alone=ROWS[::-1].copy(), half=half), silent._replace(recipes=none)]


def as_one_of_two(rank, address, out, bert):
    torch.distributed.init_process_group("gloo", init_method=address, rank=rank, world_size=2)
    torch.save([gradients(bert, out, drawn) for drawn in draws()], out / f"{rank}.pt")
    torch.distributed.destroy_process_group()


@pytest.mark.slow
def test_two_processes_have_the_gradients_of_one(tmp_path):
    bert = str(tiny_bert.write(tmp_path / "made", dropout=0.0))
    multiprocessing.spawn(as_one_of_two, (f"file://{tmp_path / 'meet'}", tmp_path, bert), nprocs=2)
    shares = [torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in (0, 1)]
    for number, drawn in enumerate(draws()):
        alone = gradients(bert, tmp_path, drawn)
        assert any(name.startswith("text.") and tensor.any() for name, tensor in alone.items())
        for found in (share[number] for share in shares):
            assert found.keys() == alone.keys()
            for name, tensor in alone.items():
                torch.testing.assert_close(found[name], tensor, atol=1e-5, rtol=1e-4, msg=name)


def test_another_model_of_the_same_name_is_another_run(bert, tmp_path):
    other = start(str(tiny_bert.write(tmp_path / "made", seed=1)))
    assert start(bert).fingerprint() == start(bert).fingerprint() != other.fingerprint()


def test_a_model_that_cannot_be_had_is_refused(tmp_path):
    with pytest.raises(SejeError, match="joint.text: /nowhere is neither the folder of a sentence-trans"):
        start("/nowhere")


def test_a_model_without_weights_is_refused(tmp_path):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import BoW

    model = SentenceTransformer(modules=[BoW(["egg", "salt"])], device="cpu")
    model.save(str(tmp_path / "bow"), create_model_card=False)
    with pytest.raises(SejeError, match="joint.text: .*bow has no weights to train: choose cached"):
        start(str(tmp_path / "bow"))
