"""The trained tagger, for ingredient lines of one's own."""

from seje.keyterms.extractor import Extractor, rebuild
from seje.workspace import files, lineage, paths


def extractor() -> Extractor:
    """The trained tagger with the entities that it knows."""
    lineage.check("keyterms")
    weights, config = files.read_weights(paths.Keyterms.TAGGER, "keyterms")
    return rebuild(config, weights)
