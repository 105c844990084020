"""One command per stage of dvc.yaml, in its order."""

from contextlib import AbstractContextManager

from seje.cli.app import PARAMS, ParamsFile, app
from seje.params import load

STAGES = "Stages, run by dvc repro"


def _making(stage: str) -> AbstractContextManager[None]:
    """Check what a stage reads before the block, and seal what it wrote after it."""
    from seje import lineage

    return lineage.making(stage)


@app.command(rich_help_panel=STAGES)
def outside(params: ParamsFile = PARAMS) -> None:
    """Make data outside git and DVC found from DVC's temporary copies too."""
    from seje.stages import outside

    outside.run(load(params))


@app.command(rich_help_panel=STAGES)
def kitchen(params: ParamsFile = PARAMS) -> None:
    """Make the embedded data set: recipes and drawn photos in Recipe1M's layout."""
    from seje.stages import kitchen

    kitchen.run(load(params).kitchen)


@app.command(rich_help_panel=STAGES)
def corpus(params: ParamsFile = PARAMS) -> None:
    """Read the recipes of corpus.source, keep the good ones, set the rest aside with a reason."""
    from seje.stages import corpus

    with _making("corpus"):
        corpus.run(load(params).corpus)


@app.command(rich_help_panel=STAGES)
def images(params: ParamsFile = PARAMS) -> None:
    """Decode every photo once, shrink it, and pack all into one memory-mapped file."""
    from seje.stages import images

    sections = load(params)
    with _making("images"):
        images.run(sections.images, sections.corpus)


@app.command(rich_help_panel=STAGES)
def word2vec(params: ParamsFile = PARAMS) -> None:
    """Train skip-gram word vectors on the train partition."""
    from seje.stages import word2vec

    with _making("word2vec"):
        word2vec.run(load(params).word2vec)


@app.command(rich_help_panel=STAGES)
def keyterms(params: ParamsFile = PARAMS) -> None:
    """Train the ingredient tagger; find ingredients, actions and utensils of every recipe."""
    from seje.stages import keyterms

    with _making("keyterms"):
        keyterms.run(load(params).keyterms)


@app.command(rich_help_panel=STAGES)
def ranking(params: ParamsFile = PARAMS) -> None:
    """Rate the key terms and form the weighted term feature of every recipe."""
    from seje.stages import ranking

    with _making("ranking"):
        ranking.run(load(params).ranking)


@app.command(rich_help_panel=STAGES)
def instructions(params: ParamsFile = PARAMS) -> None:
    """Train the sentence encoder; a vector for every instruction."""
    from seje.stages import instructions

    with _making("instructions"):
        instructions.run(load(params).instructions)


@app.command(rich_help_panel=STAGES)
def categories(params: ParamsFile = PARAMS) -> None:
    """Find recipe categories, train the photo classifier, compute the photos' features."""
    from seje.stages import categories

    with _making("categories"):
        categories.run(load(params).categories)


@app.command(rich_help_panel=STAGES)
def joint(params: ParamsFile = PARAMS) -> None:
    """Train the joint embedding of recipes and photos."""
    from seje.stages import joint

    sections = load(params)
    with _making("joint"):
        joint.run(sections.joint, sections.loss)


@app.command(rich_help_panel=STAGES)
def evaluation(params: ParamsFile = PARAMS) -> None:
    """Measure retrieval on the test partition, in both directions."""
    from seje.stages import evaluation

    with _making("evaluation"):
        evaluation.run(load(params).evaluation)


@app.command(rich_help_panel=STAGES)
def index(params: ParamsFile = PARAMS) -> None:
    """Embed recipes and photos for search."""
    from seje.stages import index

    with _making("index"):
        index.run(load(params).index)
