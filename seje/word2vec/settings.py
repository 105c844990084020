"""Section `word2vec` of params.yaml."""

from typing import Literal

from seje.section import Count, Natural, Section


class Word2vecSettings(Section):
    """gensim's skip-gram, under gensim's own names."""

    vector_size: Count
    window: Count
    epochs: Count
    min_count: Count
    hs: Literal[0, 1]
    negative: Natural
    workers: Count  # more than 1 is faster, and no longer the same bytes each time
    seed: Natural
