"""Section `corpus` of params.yaml."""

from typing import Literal

from seje.section import Count, Section


class CorpusSettings(Section):
    """Where the recipes come from and which are kept."""

    source: str
    max_ingredients: Count
    max_instructions: Count
    split: Literal["given", "source"]  # source: recipes of one web site or book are in one partition
    leaks: Literal["keep", "drop"]  # train and val recipes and photos that nearly repeat one of test
    shard: Count  # recipes of a shard, here and in all later stages
