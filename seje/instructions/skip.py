"""Skip-instructions: an encoder trained to predict the neighbours of an instruction. Section 2.5.

B batch, T ids of a sentence, W size of a word vector, H hidden size, V ids.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize, pad

from seje.data.threads import one_thread
from seje.instructions.adaptive import AdaptiveSoftmax
from seje.instructions.sentences import END, PADDING, SIGNS, Sentences
from seje.text.vectors import WordVectors, term_vector

CUTOFFS = (2000, 10000)  # ids of the head, and of head and first tail, of the output layer
SMALL = 256  # hidden size up to which a second thread gains next to nothing


@dataclass(frozen=True)
class SkipSizes:
    """What the shape of an encoder depends on."""

    classes: int  # V
    word: int  # W
    hidden: int  # H
    layers: int


class SkipEncoder(nn.Module):
    """Word table and LSTM; the last state, scaled to unit length, is the sentence's vector."""

    def __init__(self, sizes: SkipSizes) -> None:
        super().__init__()
        self.table = nn.Embedding(sizes.classes, sizes.word, padding_idx=PADDING)
        self.lstm = _lstm(sizes.word, sizes.hidden, sizes.layers)
        self.small = sizes.hidden <= SMALL

    def forward(self, ids: Tensor) -> Tensor:
        """Encode sentences [B, T] of one id or more, padded behind: [B, H]."""
        states, _ = self.lstm(self.table(ids))  # [B, T, H]; padding comes after the state that is taken
        last = (ids != PADDING).sum(dim=1) - 1
        return normalize(states[torch.arange(len(ids), device=ids.device), last], dim=1)


class SkipInstructions(nn.Module):
    """The encoder, and decoders of neighbouring sentences that share its word table and one output layer."""

    def __init__(self, sizes: SkipSizes, decoders: int) -> None:
        super().__init__()
        self.encoder = SkipEncoder(sizes)
        shape = (sizes.word + sizes.hidden, sizes.hidden, 1)
        self.decoders = nn.ModuleList(_lstm(*shape) for _ in range(decoders))
        cutoffs = [cutoff for cutoff in CUTOFFS if cutoff < sizes.classes] or [sizes.classes - 1]
        self.output = AdaptiveSoftmax(sizes.hidden, sizes.classes, cutoffs)

    def forward(self, source: Tensor, *targets: Tensor) -> list[Tensor]:
        """Give, for the targets [B, T] of each decoder, the log-likelihood of every id but padding: [ids]."""
        vectors = self.encoder(source)
        vectors = vectors * vectors.shape[1] ** 0.5  # as large as the words beside them
        return [self._decode(*pair, vectors) for pair in zip(self.decoders, targets, strict=True)]

    def _decode(self, decoder: nn.Module, target: Tensor, vectors: Tensor) -> Tensor:
        before = pad(target, (1, 0), value=END)[:, :-1]  # what was said when an id is predicted
        given = vectors[:, None].expand(-1, target.shape[1], -1)
        states, _ = decoder(torch.cat([self.encoder.table(before), given], dim=2))
        real = target != PADDING
        with torch.autocast(target.device.type, enabled=False):  # the layer mixes precisions and fails
            return self.output.likelihoods(states[real].float(), target[real])


def _lstm(size: int, hidden: int, layers: int) -> nn.LSTM:
    """Make an LSTM that starts with a forget bias of 1: the first words of a sentence reach its end."""
    lstm = nn.LSTM(size, hidden, layers, batch_first=True)
    for name, bias in lstm.named_parameters():
        if name.startswith("bias_hh"):
            nn.init.ones_(bias.data[hidden : 2 * hidden])
    return lstm


def start_table(encoder: SkipEncoder, vocabulary: list[str], vectors: WordVectors) -> None:
    """Start the word table with word2vec's vectors; other ids at random. All are scaled to length sqrt(W).

    Numbers of about 1 are what an LSTM's first weights are made for: from vectors of unit length, sentences
    start nearly alike and stay so for epochs.
    """
    rows = [term_vector(vectors, word) for word in vocabulary]
    with torch.no_grad():
        for row, vector in enumerate(rows, SIGNS):
            if vector is not None:
                encoder.table.weight[row] = torch.from_numpy(vector)
        lengthened = normalize(encoder.table.weight, dim=1) * encoder.table.embedding_dim**0.5
        encoder.table.weight.copy_(lengthened)


@torch.no_grad()
def encode(encoder: SkipEncoder, sentences: Sentences, batch: int = 256) -> npt.NDArray[np.float32]:
    """Encode sentences, those of like length together: unit vectors [N, H]; zero for an empty one."""
    encoder.eval()
    lengths = sentences.lengths
    vectors = np.zeros((len(lengths), encoder.lstm.hidden_size), np.float32)
    order = np.argsort(lengths, kind="stable")
    with one_thread(small=encoder.small):
        for start in range(np.count_nonzero(lengths == 0), len(lengths), batch):
            places = order[start : start + batch]
            ids = torch.from_numpy(sentences.padded(places)).to(encoder.table.weight.device)
            vectors[places] = encoder(ids).cpu().numpy()
    return vectors
