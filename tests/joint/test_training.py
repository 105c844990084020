from dataclasses import replace

import numpy as np
import pytest
import torch
from conftest import changed
from tiny import LOSS, ROWS, SETTINGS, SIZE, SIZES, drawn, tiny

from seje.data.recipe_text import TEXT
from seje.data.recipe_views import SHOWN
from seje.errors import SejeError
from seje.joint.sampling import load
from seje.joint.schedule import Plateau
from seje.joint.settings import LossSettings, TrainingSettings
from seje.joint.training import Training
from seje.retrieval.ranks import ranks
from seje.towers.embedding import embed_photos, embed_recipes
from seje.towers.features import pairs
from seje.towers.joint_model import JointModel


def score(model: JointModel) -> dict[str, float]:
    recipes, photos = tiny()
    rows = np.arange(SIZE)
    found, _ = ranks(embed_photos(model, photos, rows), embed_recipes(model, recipes, rows))
    recall = float(np.mean(found == 1))
    return {"score": recall, "R@1": recall}


def run(
    settings: TrainingSettings, loss: LossSettings, stop_after: int | None = None, state=None
) -> Training:
    recipes, photos = tiny()
    training = Training(SIZES, settings, loss)
    if state:
        training.restore(state)
    train = pairs(photos.recipes, np.array(["train"] * SIZE), "train")
    for number, _ in enumerate(training.run(recipes, photos, train, score), 1):
        if number == stop_after:
            break
    return training


# Of negatives of another category alone, pairs without a category learn nothing: here background is one.
TRIPLETS = [
    changed(LOSS, margin=margin, negatives=negatives, background=background)
    for margin in ("soft", 0.3)
    for negatives, background in (
        ("double", "ignore"),
        ("instance", "ignore"),
        ("category", "class"),
        ("all", "ignore"),
    )
]
INFONCE = [changed(LOSS, objective="infonce", temperature=temperature) for temperature in ("learned", 0.1)]
COSINE = [changed(LOSS, objective="cosine", margin=0.1)]
OTHERS = [
    changed(LOSS, discriminator_form="wasserstein"),
    changed(LOSS, background="class"),
]

STAND_INS = "recipe.no_terms recipe.no_sentences recipe.no_title recipe.no_ingredients image.no_label".split()


@pytest.mark.slow
@pytest.mark.parametrize("loss", TRIPLETS + INFONCE + COSINE + OTHERS)
def test_overfits_a_tiny_batch(loss):
    settings = changed(SETTINGS, epochs=80, patience=99, stop=9)
    assert run(settings, loss).plateau.best == 1.0


@pytest.mark.parametrize("objective", ["triplet", "infonce"])
def test_resumed_is_undisturbed(tmp_path, objective):
    loss = changed(LOSS, objective=objective)
    whole = run(SETTINGS, loss)
    torch.save(run(SETTINGS, loss, stop_after=2).state(), tmp_path / "state.pt")
    torch.manual_seed(99)  # what the process drew before must not matter
    resumed = run(SETTINGS, loss, state=torch.load(tmp_path / "state.pt", weights_only=True))
    assert resumed.history == whole.history
    assert all(torch.equal(resumed.best[name], whole.best[name]) for name in whole.best)


@pytest.mark.parametrize("steps", [1, 4, 6, 11])
def test_interrupted_at_any_step_it_ends_with_the_same_weights(tmp_path, steps):
    settings, recipes_and_photos = changed(SETTINGS, batch=4, drop=0.3), tiny()
    sizes = replace(SIZES, dropout=0.3)  # randomness of torch in each step
    train = pairs(recipes_and_photos[1].recipes, np.array(["train"] * SIZE), "train")
    whole, first, second = (Training(sizes, settings, LOSS) for _ in range(3))
    list(whole.run(*recipes_and_photos, train, score))
    step, taken = first.step, []

    def counted(*words):
        taken.append(1)
        if len(taken) == steps:
            first.interrupt()
        return step(*words)

    first.step = counted
    *_, state = first.run(*recipes_and_photos, train, score)
    assert first.interrupted and len(taken) == steps
    torch.save(state, tmp_path / "state.pt")
    torch.manual_seed(99)
    second.restore(torch.load(tmp_path / "state.pt", weights_only=True))
    list(second.run(*recipes_and_photos, train, score))
    assert second.history == whole.history
    assert all(torch.equal(second.best[name], whole.best[name]) for name in whole.best)


def test_a_loss_that_is_not_finite_stops_training_and_says_so():
    recipes, photos = tiny()
    recipes.terms[0, 0] = np.inf
    training = Training(SIZES, SETTINGS, LOSS)
    train = pairs(photos.recipes, np.array(["train"] * SIZE), "train")
    with pytest.raises(SejeError, match=r"triplet nan.* at step 1 of epoch 1\): try a smaller joint.lr"):
        list(training.run(recipes, photos, train, score))


@pytest.mark.parametrize("drop", [0.0, 0.3])
def test_the_stand_ins_learn_where_training_hides_parts_and_only_there(drop):
    recipes, photos = tiny()
    recipes.terms[:, ~SHOWN[:, TEXT.index("ingredients")]] = 0  # there alone stand terms
    training = Training(replace(SIZES, lines=6), changed(SETTINGS, drop=drop, weight_decay=0.1), LOSS)
    train = pairs(photos.recipes, np.array(["train"] * SIZE), "train")
    list(training.run(recipes, photos, train, score))
    moved = {name: bool(weight.any()) for name, weight in training.best.items() if ".no_" in name}
    assert moved == dict.fromkeys(STAND_INS, drop > 0)


def test_weights_of_zero_switch_the_parts_off():
    recipes, photos = tiny()
    training = Training(SIZES, SETTINGS, changed(LOSS, category=0.0, discriminator=0.0))
    parts = training.step(load(recipes, photos, drawn(ROWS)))
    assert parts.keys() == {"triplet", "loss"}
    assert parts["loss"] == parts["triplet"]


def test_embedding_does_not_depend_on_the_batch():
    recipes, photos = tiny()
    model, rows = JointModel(SIZES), np.arange(SIZE)
    for embed, features in ((embed_recipes, recipes), (embed_photos, photos)):
        whole, small = embed(model, features, rows), embed(model, features, rows, batch=5)
        assert np.abs(whole - small).max() < 1e-5
        assert np.linalg.norm(whole, axis=1) == pytest.approx(1, abs=1e-5)


def test_plateau_lowers_once_then_stops():
    plateau, seen = Plateau(patience=2, stop=3), []
    for number in [1, 2, 2, 1, 1, 1, 1]:
        better = plateau.improved_by(number)
        plateau.count(number)
        seen.append((better, plateau.factor, plateau.over))
    assert seen == [
        (True, 1.0, False), (True, 1.0, False), (False, 1.0, False), (False, 0.1, False),
        (False, 0.1, False), (False, 0.1, False), (False, 0.1, True),
    ]  # fmt: skip
    assert not plateau.improved_by(float("nan"))


def scored(training: Training, scores: list[float], stop_after: int | None = None) -> list[float]:
    """Train with given scores, one an epoch; the rates that the steps of each epoch were made with."""
    recipes, photos = tiny()
    step, left, rates = training.step, iter(scores), []

    def watched(batch):
        rates.append(training.optimisers.towers.param_groups[0]["lr"])
        assert training.optimisers.critic.param_groups[0]["lr"] == rates[-1]
        return step(batch)

    training.step = watched
    train = pairs(photos.recipes, np.array(["train"] * SIZE), "train")
    for number, _ in enumerate(training.run(recipes, photos, train, lambda _: {"score": next(left)}), 1):
        if number == stop_after:
            break
    return rates


def test_the_rate_falls_in_the_epoch_after_the_patience_and_the_history_says_what_was_used():
    training = Training(SIZES, changed(SETTINGS, epochs=9, patience=2, stop=2), LOSS)
    rates = scored(training, [1, 2, 2, 1, 1, 3, 1, 1, 1])
    assert rates == pytest.approx([0.01] * 4 + [0.001] * 4)
    assert [epoch["lr"] for epoch in training.history] == rates


def test_cosine_begins_at_the_peak_and_a_resumed_run_goes_on_with_its_rate():
    settings = changed(SETTINGS, schedule="cosine", patience=1, stop=1)
    training, resumed = (Training(SIZES, settings, LOSS) for _ in range(2))
    rates = scored(training, [0.0] * 4)
    assert rates == pytest.approx([0.01 * (1 + np.cos(np.pi * done / 4)) / 2 for done in range(4)])
    assert [epoch["lr"] for epoch in training.history] == rates
    first = Training(SIZES, settings, LOSS)
    scored(first, [0.0] * 2, stop_after=2)
    resumed.restore(first.state())
    assert scored(resumed, [0.0] * 2) == rates[2:]


@pytest.mark.parametrize("odd", [{"score": np.nan}, {"score": np.inf}, {"score": 0.5, "MedR": np.nan}])
def test_an_epoch_whose_score_is_not_finite_is_never_kept(odd):
    recipes, photos = tiny()
    training, given = Training(SIZES, SETTINGS, LOSS), iter([{"score": 0.1}, odd])
    train = pairs(photos.recipes, np.array(["train"] * SIZE), "train")
    states = training.run(recipes, photos, train, lambda _: next(given))
    kept = next(states)["best"]
    with pytest.raises(SejeError, match=r"val measures in epoch 2 is not finite \((score|MedR) (nan|inf)\)"):
        next(states)
    assert len(training.history) == 1 and training.plateau.best == 0.1
    assert all(torch.equal(training.best[name], kept[name]) for name in kept)


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_embeddings_that_are_not_finite_are_refused(odd):
    recipes, photos = tiny()
    model, rows = JointModel(SIZES), np.array([4, 7, 2])
    recipes.terms[7, 0] = photos.labels[2, 1] = odd
    with pytest.raises(
        SejeError, match=r"1 of 3 embeddings of recipes .* not finite \(the first: row 7\): tr"
    ):
        embed_recipes(model, recipes, rows)
    with pytest.raises(
        SejeError, match=r"1 of 3 embeddings of photos .* not finite \(the first: row 2\): tr"
    ):
        embed_photos(model, photos, rows)
    torch.nn.init.constant_(model.recipe.project[1].weight, odd)
    with pytest.raises(SejeError, match="3 of 3 embeddings of recipes"):
        embed_recipes(model, recipes, rows)


def test_infonce_learns_its_temperature_and_keeps_a_number():
    recipes, photos = tiny()
    for temperature, learns in (("learned", True), (0.1, False)):
        training = Training(SIZES, SETTINGS, changed(LOSS, objective="infonce", temperature=temperature))
        before = training.objective.temperature().item()
        training.step(load(recipes, photos, drawn(ROWS)))
        assert (training.objective.temperature().item() != before) == learns


LEFT_OUT = [
    {"recipe": "transformer", "lines": 6},
    {"recipe": "transformer", "lines": 6, "terms": 0, "words": 5, "linear_reads": ("sentences",)},
    {"terms": 0, "linear_reads": ("sentences",)},
    {"sentence": 0, "linear_reads": ("terms",)},
    {"sentence": 0, "lines": 6, "linear_reads": ("sentences",)},
    {"lines": 6, "words": 5, "linear_reads": ("words", "sentences", "terms")},
    {"labels": 0},
    {"words": 5, "linear_reads": ("words",)},
    {"terms": 0, "sentence": 0, "words": 5, "linear_reads": ("words",)},
]


@pytest.mark.parametrize("linear", [0, 3])
@pytest.mark.parametrize("sizes", LEFT_OUT)
def test_inputs_can_be_left_out(sizes, linear):
    recipes, photos = tiny()
    training = Training(replace(SIZES, **sizes, linear=linear), changed(SETTINGS, epochs=1), LOSS)
    list(training.run(recipes, photos, pairs(photos.recipes, np.array(["train"] * SIZE), "train"), score))
    rows = np.arange(SIZE)
    before = embed_recipes(training.model, recipes, rows), embed_photos(training.model, photos, rows)
    for features, name in (
        (recipes.terms, "terms"),
        (recipes.instructions.vectors, "sentence"),
        (photos.labels, "labels"),
    ):
        if sizes.get(name) == 0:
            features[:] = 0
    after = embed_recipes(training.model, recipes, rows), embed_photos(training.model, photos, rows)
    for one, other in zip(before, after, strict=True):
        assert np.array_equal(one, other) and one.shape == (SIZE, 32 + linear)
        assert np.linalg.norm(one, axis=1) == pytest.approx(1, abs=1e-5)


def test_the_linear_part_survives_resume():
    sizes = replace(SIZES, linear=4)
    recipes, photos = tiny()
    train = pairs(photos.recipes, np.array(["train"] * SIZE), "train")
    first = Training(sizes, SETTINGS, LOSS)
    state = next(first.run(recipes, photos, train, score))
    second = Training(sizes, SETTINGS, LOSS)
    second.restore(state)
    assert first.model.linear.image_axes.any()
    assert torch.equal(first.model.linear.image_axes, second.model.linear.image_axes)
