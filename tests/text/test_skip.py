import numpy as np
import pytest
import torch

from seje.errors import SejeError
from seje.text.sentences import PADDING, SIGNS, number
from seje.text.skip import Sizes, SkipInstructions, encode, start_table
from seje.text.skip_training import Settings, length_batches, perplexity, train
from seje.text.vectors import Vectors

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
SIZES = Sizes(classes=SIGNS + len(WORDS), word=16, hidden=32, layers=2)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # models this small only wait for a second one
    yield
    torch.set_num_threads(threads)


def model(seed=1, sizes=SIZES):
    torch.manual_seed(seed)
    return SkipInstructions(sizes)


def trained(settings, state=None, seed=1):
    learner = model(seed)
    states = train(learner, SENTENCES, PAIRS, PAIRS[:2], settings, state)
    return learner, states


def test_a_tiny_set_is_learnt_by_heart():
    learner, states = trained(Settings(epochs=60, batch=5, lr=0.02, seed=1))
    last = list(states)[-1]
    assert last["epoch"] == 60 and last["reached"]["perplexity"] < 1.1
    assert perplexity(learner, SENTENCES, PAIRS, 2) < 1.1
    # Another order of the same sentences is not what it learnt: the source is listened to.
    assert perplexity(learner, SENTENCES, PAIRS[:, ::-1], 2) > 5


def test_perplexity_of_a_loop():
    learner = model()
    likelihoods = []
    for pair in PAIRS:
        source, target = (torch.from_numpy(SENTENCES.padded(pair[side : side + 1])) for side in (0, 1))
        likelihoods += learner(source, target).tolist()
    assert len(likelihoods) == SENTENCES.lengths[PAIRS[:, 1]].sum()
    expected = np.exp(-np.mean(likelihoods))
    assert perplexity(learner, SENTENCES, PAIRS, 3) == pytest.approx(expected, rel=1e-5)


def test_a_resumed_training_ends_alike():
    settings = Settings(epochs=3, batch=2, lr=0.01, seed=5)
    whole, states = trained(settings)
    last = list(states)[-1]
    _, killed = trained(settings)
    state = next(killed)
    resumed, rest = trained(settings, state, seed=2)
    assert [after["epoch"] for after in rest] == [2, 3]
    for name, weights in whole.state_dict().items():
        assert torch.equal(weights, resumed.state_dict()[name]), name
    done, nothing = trained(settings, last, seed=3)
    assert list(nothing) == []
    assert all(torch.equal(weights, done.state_dict()[name]) for name, weights in last["model"].items())


def test_a_vector_does_not_depend_on_the_batch():
    encoder = model().encoder
    rows = np.arange(len(SENTENCES))
    together = encode(encoder, SENTENCES, rows, 6)
    alone = np.concatenate([encode(encoder, SENTENCES, rows[row : row + 1], 1) for row in rows])
    assert np.abs(together.astype(np.float32) - alone).max() < 1e-3  # a float16's last digit
    ids = torch.from_numpy(SENTENCES.padded(rows))
    with torch.no_grad():
        padded = encoder(ids)
        single = torch.cat([encoder(line[line != PADDING][None]) for line in ids])
    assert (padded - single).abs().max() < 1e-5
    assert padded.norm(dim=1).numpy() == pytest.approx(1, abs=1e-5)


def test_odd_sentences():
    texts = ["", "Stir.", "???", "stir .", "\u4f60\u597d", "Stir " * 500, "STIR."]
    found = number(texts, WORDS, 40)
    vectors = encode(model().encoder, found, np.arange(len(texts)), 3)
    assert vectors.shape == (7, 32) and vectors.dtype == np.float16
    assert np.isfinite(vectors).all() and not vectors[0].any()
    assert (vectors[1] == vectors[3]).all() and (vectors[1] == vectors[6]).all()
    assert vectors[2:].any(axis=1).all()
    assert encode(model().encoder, number([], WORDS, 40), np.arange(0), 3).shape == (0, 32)


def test_the_word_table_starts_from_word_vectors():
    encoder = model(sizes=Sizes(classes=SIGNS + 3, word=2, hidden=4, layers=1)).encoder
    vectors = Vectors({"oil": 0, "pan": 1}, np.array([[3, 4], [0, 2]], np.float32))
    start_table(encoder, ["pan", "unheard", "oil"], vectors)
    table = encoder.table.weight.detach().numpy()
    assert table[[SIGNS, SIGNS + 2]] == pytest.approx(np.sqrt(2) * np.array([[0, 1], [0.6, 0.8]]))
    assert not table[PADDING].any()
    assert np.linalg.norm(table[1:], axis=1) == pytest.approx(np.sqrt(2))


@pytest.mark.parametrize("classes", [SIGNS, 2000, 2001, 10001])
def test_any_size_of_vocabulary(classes):
    learner = model(sizes=Sizes(classes=classes, word=2, hidden=16, layers=1))
    ids = torch.tensor([[1, 3, 0], [classes - 1, classes - 2, 3]])
    likelihoods = learner(ids, ids)
    assert len(likelihoods) == 5 and (likelihoods < 0).all()


def test_batches_take_every_pair_once_and_like_lengths_together():
    lengths = np.random.default_rng(1).integers(1, 40, (1000, 2))
    batches = length_batches(lengths, 16, np.random.default_rng(2))
    assert sorted(row for rows in batches for row in rows) == list(range(1000))
    assert all(1 <= len(rows) <= 16 for rows in batches)
    padded = sum(len(rows) * lengths[rows].max(axis=0) for rows in batches)
    assert (padded < 1.3 * lengths.sum(axis=0)).all()
    again = length_batches(lengths, 16, np.random.default_rng(2))
    assert all((one == other).all() for one, other in zip(batches, again, strict=True))


def test_divergence_is_said():
    learner, states = trained(Settings(epochs=1, batch=5, lr=0.1, seed=1))
    with torch.no_grad():
        learner.encoder.table.weight.fill_(float("nan"))
    with pytest.raises(SejeError, match="instructions.lr"):
        next(states)
