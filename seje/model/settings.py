"""Section `model` of params.yaml."""

from seje.section import Section


class ModelSettings(Section):
    """What the model card says that no stage can know."""

    licence: str | None  # of the weights, which follows from that of the data; null: not stated
