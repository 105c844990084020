import numpy as np
import pytest
import torch

from seje.errors import SejeError
from seje.instructions.sentences import PADDING, SIGNS, number
from seje.instructions.skip import SMALL, SkipInstructions, SkipSizes, encode, start_table
from seje.instructions.skip_training import length_batches, perplexities, train
from seje.text.vectors import WordVectors

WORDS = "heat the oil in a pan add onion and garlic stir until soft serve with rice . cover".split()
TEXTS = [
    "Heat the oil in a pan.",
    "Add onion and garlic.",
    "Stir until soft.",
    "Serve with rice.",
    "Cover the pan.",
    "Stir.",
]
SENTENCES = number(TEXTS, WORDS, 40)
PAIRS = np.array([[0, 1], [1, 2], [2, 3], [4, 5], [5, 4]])
TRIPLES = np.column_stack([PAIRS, [3, 0, 1, 5, 4]])
SIZES = SkipSizes(classes=SIGNS + len(WORDS), word=16, hidden=32, layers=2)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # models this small only wait for a second one
    yield
    torch.set_num_threads(threads)


def model(seed=1, sizes=SIZES, decoders=1):
    torch.manual_seed(seed)
    return SkipInstructions(sizes, decoders)


def trained(settings, state=None, seed=1, pairs=PAIRS):
    learner = model(seed, decoders=pairs.shape[1] - 1)
    states = train(learner, SENTENCES, pairs, pairs[:2], **settings, state=state)
    return learner, states


def test_a_tiny_set_is_learnt_by_heart():
    learner, states = trained({"epochs": 60, "batch": 5, "lr": 0.02, "seed": 1})
    last = list(states)[-1]
    assert last["epoch"] == 60 and last["reached"]["perplexity"] < 1.1
    assert set(last["reached"]) == {"train_perplexity", "perplexity"}
    assert perplexities(learner, SENTENCES, PAIRS, 2)["perplexity"] < 1.1
    # Another order of the same sentences is not what it learnt: the source is listened to.
    assert perplexities(learner, SENTENCES, PAIRS[:, ::-1], 2)["perplexity"] > 5


def test_both_neighbours_are_learnt_by_heart():
    learner, states = trained({"epochs": 60, "batch": 5, "lr": 0.02, "seed": 1}, pairs=TRIPLES)
    reached = list(states)[-1]["reached"]
    names = {"perplexity", "previous_perplexity"}
    assert set(reached) == names | {f"train_{name}" for name in names}
    assert reached["perplexity"] < 1.1 and reached["previous_perplexity"] < 1.1
    swapped = perplexities(learner, SENTENCES, TRIPLES[:3, [0, 2, 1]], 2)  # each decoder has its own side
    assert swapped["perplexity"] > 5 and swapped["previous_perplexity"] > 5


def test_perplexity_of_a_loop():
    learner = model(decoders=2)
    likelihoods = [[], []]
    for triple in TRIPLES:
        ids = [torch.from_numpy(SENTENCES.padded(triple[side : side + 1])) for side in range(3)]
        for kept, found in zip(likelihoods, learner(*ids), strict=True):
            kept += found.tolist()
    assert [len(kept) for kept in likelihoods] == SENTENCES.lengths[TRIPLES[:, 1:]].sum(axis=0).tolist()
    expected = [np.exp(-np.mean(kept)) for kept in likelihoods]
    found = perplexities(learner, SENTENCES, TRIPLES, 3)
    assert list(found.values()) == pytest.approx(expected, rel=1e-5)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU: on a CPU nothing is halved")
def test_half_precision_gives_nearly_the_same():
    learner = model(decoders=2).cuda()
    ids = [torch.from_numpy(SENTENCES.padded(side)).cuda() for side in TRIPLES.T]
    with torch.autocast("cuda", torch.bfloat16):
        halved = learner(*ids)
    for likelihoods, half in zip(learner(*ids), halved, strict=True):
        assert half.dtype == torch.float32
        assert not torch.equal(half, likelihoods) and (half - likelihoods).abs().max() < 0.1


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_gpu_learns_as_well():
    learner = model(decoders=2).cuda()
    settings = {"epochs": 60, "batch": 5, "lr": 0.02, "seed": 1}
    reached = list(train(learner, SENTENCES, TRIPLES, TRIPLES, **settings))[-1]["reached"]
    assert reached["perplexity"] < 1.1 and reached["previous_perplexity"] < 1.1
    vectors = encode(learner.encoder, SENTENCES)
    assert np.abs(vectors - encode(learner.encoder.cpu(), SENTENCES)).max() < 1e-3


@pytest.mark.parametrize("hidden", [SMALL, SMALL + 1])
def test_a_small_model_keeps_to_one_thread(hidden):
    learner = model(sizes=SkipSizes(classes=SIZES.classes, word=4, hidden=hidden, layers=1))
    seen = []
    learner.encoder.register_forward_hook(lambda *_: seen.append(torch.get_num_threads()))
    torch.set_num_threads(2)
    try:
        states = train(learner, SENTENCES, PAIRS, PAIRS, epochs=1, batch=5, lr=0.01, seed=1)
        after = [torch.get_num_threads() for _ in states]
        encode(learner.encoder, SENTENCES)
        assert after == [2] and torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(1)
    assert seen == [1 if hidden == SMALL else 2] * 3


@pytest.mark.parametrize("pairs", [PAIRS, TRIPLES])
def test_a_resumed_training_ends_alike(pairs):
    settings = {"epochs": 3, "batch": 2, "lr": 0.01, "seed": 5}
    whole, states = trained(settings, pairs=pairs)
    last = list(states)[-1]
    _, killed = trained(settings, pairs=pairs)
    state = next(killed)
    resumed, rest = trained(settings, state, seed=2, pairs=pairs)
    assert [after["epoch"] for after in rest] == [2, 3]
    for name, weights in whole.state_dict().items():
        assert torch.equal(weights, resumed.state_dict()[name]), name
    done, nothing = trained(settings, last, seed=3, pairs=pairs)
    assert list(nothing) == []
    assert all(torch.equal(weights, done.state_dict()[name]) for name, weights in last["model"].items())


def test_a_vector_does_not_depend_on_the_batch():
    encoder = model().encoder
    together, alone = (encode(encoder, SENTENCES, batch) for batch in (6, 1))
    assert np.abs(together - alone).max() < 1e-5
    ids = torch.from_numpy(SENTENCES.padded(np.arange(len(SENTENCES))))
    with torch.no_grad():
        padded = encoder(ids)
        single = torch.cat([encoder(line[line != PADDING][None]) for line in ids])
    assert (padded - single).abs().max() < 1e-5
    assert padded.norm(dim=1).numpy() == pytest.approx(1, abs=1e-5)


def test_odd_sentences():
    texts = ["", "Stir.", "???", "stir .", "\u4f60\u597d", "Stir " * 500, "STIR."]
    found = number(texts, WORDS, 40)
    vectors = encode(model().encoder, found, 3)
    assert vectors.shape == (7, 32) and vectors.dtype == np.float32
    assert np.isfinite(vectors).all() and not vectors[0].any()
    assert np.abs(vectors[[3, 6]] - vectors[1]).max() < 1e-6
    assert vectors[2:].any(axis=1).all()
    assert encode(model().encoder, number([], WORDS, 40)).shape == (0, 32)


def test_the_word_table_starts_from_word_vectors():
    encoder = model(sizes=SkipSizes(classes=SIGNS + 3, word=2, hidden=4, layers=1)).encoder
    vectors = WordVectors({"oil": 0, "pan": 1}, np.array([[3, 4], [0, 2]], np.float32))
    start_table(encoder, ["pan", "unheard", "oil"], vectors)
    table = encoder.table.weight.detach().numpy()
    assert table[[SIGNS, SIGNS + 2]] == pytest.approx(np.sqrt(2) * np.array([[0, 1], [0.6, 0.8]]))
    assert not table[PADDING].any()
    assert np.linalg.norm(table[1:], axis=1) == pytest.approx(np.sqrt(2))


@pytest.mark.parametrize("classes", [SIGNS, 2000, 2001, 10001])
def test_any_size_of_vocabulary(classes):
    learner = model(sizes=SkipSizes(classes=classes, word=2, hidden=16, layers=1))
    ids = torch.tensor([[1, 3, 0], [classes - 1, classes - 2, 3]])
    (likelihoods,) = learner(ids, ids)
    assert len(likelihoods) == 5 and (likelihoods < 0).all()


@pytest.mark.parametrize(("sides", "waste"), [(2, 1.3), (3, 1.7)])
def test_batches_take_every_pair_once_and_like_lengths_together(sides, waste):
    lengths = np.random.default_rng(1).integers(1, 40, (1000, sides))
    batches = length_batches(lengths, 16, np.random.default_rng(2))
    assert sorted(row for rows in batches for row in rows) == list(range(1000))
    assert all(1 <= len(rows) <= 16 for rows in batches)
    padded = sum(len(rows) * lengths[rows].max(axis=0) for rows in batches)
    assert (padded < waste * lengths.sum(axis=0)).all()
    again = length_batches(lengths, 16, np.random.default_rng(2))
    assert all((one == other).all() for one, other in zip(batches, again, strict=True))


def test_divergence_is_said():
    learner, states = trained({"epochs": 1, "batch": 5, "lr": 0.1, "seed": 1})
    with torch.no_grad():
        learner.encoder.table.weight.fill_(float("nan"))
    with pytest.raises(SejeError, match="instructions.lr"):
        next(states)
