"""The trained parts of phase I, read from the pipeline's files, to ask with text of one's own."""

from seje import files, paths
from seje.text.extractor import Extractor
from seje.text.tagger import Tagger


def extractor() -> Extractor:
    """The trained tagger with the entities that it knows."""
    weights, config = files.read_weights(paths.Keyterms.TAGGER, "keyterms")
    known, common = config.pop("known"), config.pop("common")
    tagger = Tagger(**config)
    tagger.load_state_dict(weights)
    return Extractor(tagger.eval(), known, common)
