import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from seje.errors import SejeError
from seje.keyterms import tagging
from seje.keyterms.tagger import Tagger
from seje.keyterms.tagging import Example
from seje.text.tokens import tokens

LINES = {
    "1 cup red wine": (0, 0, 1, 1),
    "2 large eggs , beaten": (0, 0, 1, 0, 0),
    "1/2 tsp sea salt": (0, 0, 1, 1),
    "3 cups milk": (0, 0, 1),
    "for the sauce :": None,
}
EXAMPLES = [Example(tuple(tokens(line)), labels) for line, labels in LINES.items()]
ODD = [
    "",
    "\U0001f373 \U0001f9c2",
    "123 4/5",
    "\u0645\u0644\u062d \u0628\u062d\u0631\u064a",
    "\x00\x07\u200f",
    "salt " * 10_000,
]


def new_tagger() -> Tagger:
    torch.manual_seed(0)
    vocabulary = ["cup", "cups", "eggs", "large", "red", "salt"]
    vectors = np.random.default_rng(0).normal(size=(len(vocabulary), 8)).astype(np.float32)
    return Tagger(vocabulary, 8, 16, vectors)


@pytest.fixture(scope="module")
def taught() -> Tagger:
    tagger = new_tagger()
    tagging.train(tagger, EXAMPLES * 4, epochs=25, batch=10, lr=0.03, seed=0)
    return tagger


def test_a_tiny_set_is_learnt_by_heart(taught: Tagger) -> None:
    for example, verdict in zip(EXAMPLES, tagging.judge(taught, [e.words for e in EXAMPLES]), strict=True):
        assert verdict.valid == (example.labels is not None)
        if example.labels:
            assert verdict.places == tuple(np.flatnonzero(example.labels))


def test_a_saved_tagger_says_the_same(taught: Tagger, tmp_path) -> None:
    save_file(taught.state_dict(), tmp_path / "tagger.safetensors")
    again = Tagger(**taught.config())
    again.load_state_dict(load_file(tmp_path / "tagger.safetensors"))
    again.eval()
    inputs = taught.encode([example.words for example in EXAMPLES])
    for one, other in zip(taught(*inputs), again(*inputs), strict=True):
        assert torch.equal(one, other)


def test_training_repeats_itself() -> None:
    states = []
    for _ in range(2):
        tagger = new_tagger()
        tagging.train(tagger, EXAMPLES * 4, epochs=2, batch=4, lr=0.01, seed=0)
        states.append(tagger.state_dict())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_a_tagger_that_diverges_is_said() -> None:
    with pytest.raises(SejeError, match=r"the tagger diverged in epoch 1: lower keyterms.lr"):
        tagging.train(new_tagger(), EXAMPLES * 4, epochs=2, batch=4, lr=float("inf"), seed=0)


def test_padding_changes_nothing(taught: Tagger) -> None:
    lines = [example.words for example in EXAMPLES]
    alone = [tagging.judge(taught, [line])[0] for line in lines]
    assert alone == tagging.judge(taught, [*lines, tuple("salt " * 60)])[: len(lines)]


def test_odd_lines_have_a_verdict(taught: Tagger) -> None:
    verdicts = tagging.judge(taught, [tokens(line) for line in ODD])
    assert len(verdicts) == len(ODD)
    assert not verdicts[0].valid
    assert tagging.judge(taught, []) == []
    tagging.train(
        taught, [Example(tuple(tokens(line)), None) for line in ODD], epochs=1, batch=2, lr=0.0, seed=0
    )
