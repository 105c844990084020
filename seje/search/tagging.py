"""The trained tagger, for ingredient lines of one's own."""

from seje.keyterms.extractor import Extractor
from seje.keyterms.tagger import Tagger
from seje.workspace import files, lineage, paths


def extractor() -> Extractor:
    """The trained tagger with the entities that it knows."""
    lineage.check("keyterms")
    weights, config = files.read_weights(paths.Keyterms.TAGGER, "keyterms")
    known, common = config.pop("known"), config.pop("common")
    tagger = Tagger(**config)
    tagger.load_state_dict(weights)
    return Extractor(tagger.eval(), known, common)
