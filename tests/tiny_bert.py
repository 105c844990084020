"""A BERT of a few thousand random weights as a sentence-transformers folder, which knows its words whole."""

from pathlib import Path

import torch

SIZE = 16  # of a sentence vector
WORDS = "add bake beet boil cake egg eggs honey mix onion pot red rice salad salt serve soup stir the".split()


def write(folder: Path, seed: int = 0, dropout: float = 0.1) -> Path:
    """Write the model; gives its folder."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling
    from transformers import BertConfig, BertModel, BertTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    letters = [sign + letter for letter in "abcdefghijklmnopqrstuvwxyz0123456789" for sign in ("", "##")]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *WORDS]
    (folder / "vocab.txt").write_text("\n".join(pieces))
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=SIZE, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=2 * SIZE, max_position_embeddings=64, hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        BertModel(config).save_pretrained(folder / "plain")
    BertTokenizer(str(folder / "vocab.txt"), model_max_length=64).save_pretrained(folder / "plain")
    modules = [Transformer(str(folder / "plain")), Pooling(SIZE)]
    made = SentenceTransformer(modules=modules, device="cpu")
    made.save(str(folder / "bert"), create_model_card=False)
    return folder / "bert"
