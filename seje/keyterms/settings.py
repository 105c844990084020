"""Section `keyterms` of params.yaml."""

from typing import Literal

from seje.section import Count, Natural, Positive, Section


class KeytermsSettings(Section):
    """The ingredient tagger and the key terms."""

    labels: Literal["auto", "det_ingrs", "weak"]
    entities: Literal["train", "all"]  # whose entities re-examination may use; all is the paper's form
    hidden: Count
    epochs: Count
    batch: Count
    lr: Positive
    seed: Natural
