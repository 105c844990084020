"""A CLIP of a few thousand random weights as a sentence-transformers folder; its size and moments are odd."""

import json
from pathlib import Path
from string import ascii_lowercase, digits, punctuation

import torch

SIDE = 40
MEAN, DEVIATION = [0.1, 0.2, 0.3], [0.4, 0.5, 0.6]
FEATURES = 12
LENGTH = 32  # of a text, in pieces


def write(folder: Path) -> Path:
    """Write the model; gives its folder."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPProcessor, CLIPTokenizer

    signs = ascii_lowercase + digits + punctuation  # another would end the text: the end is the unknown
    letters = [letter + end for end in ("", "</w>") for letter in signs]
    words = ["<|startoftext|>", "<|endoftext|>", *letters]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({word: row for row, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=LENGTH)
    crop = {"height": SIDE, "width": SIDE}
    photos = CLIPImageProcessor(
        size={"shortest_edge": SIDE}, crop_size=crop, image_mean=MEAN, image_std=DEVIATION
    )
    size = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    ends = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
    text = (
        size
        | ends
        | {"vocab_size": len(words), "max_position_embeddings": LENGTH, "projection_dim": FEATURES}
    )
    vision = size | {"image_size": SIDE, "patch_size": 8, "projection_dim": FEATURES}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = CLIPConfig(text_config=text, vision_config=vision, projection_dim=FEATURES)
        CLIPModel(config).save_pretrained(folder / "plain")
    CLIPProcessor(photos, tokenizer).save_pretrained(folder / "plain")
    made = SentenceTransformer(modules=[Transformer(str(folder / "plain"))], device="cpu")
    made.save(str(folder / "clip"), create_model_card=False)
    return folder / "clip"
