"""One command per stage of dvc.yaml, in its order."""

from contextlib import AbstractContextManager

from seje.cli.app import PARAMS, ParamsFile, app
from seje.workspace.params import load

STAGES = "Stages, run by dvc repro"


def _making(stage: str) -> AbstractContextManager[None]:
    """Check what a stage reads before the block, and seal what it wrote after it."""
    from seje.workspace import lineage

    return lineage.making(stage)


@app.command(rich_help_panel=STAGES)
def outside(params: ParamsFile = PARAMS) -> None:
    """Make data outside git and DVC found from DVC's copies too; look for the backbone's weights."""
    from seje.outside import stage

    given = load(params)
    photos = given.categories
    network = stage.Network(photos.backbone, photos.weights, photos.freeze, given.images.size)
    stage.run(given.outside(), network, photos.features, given.joint.text_model, given.evaluation.embedder)


@app.command(rich_help_panel=STAGES)
def kitchen(params: ParamsFile = PARAMS) -> None:
    """Make the embedded data set: recipes and drawn photos in Recipe1M's layout."""
    from seje.kitchen import stage

    stage.run(load(params).kitchen)


@app.command(rich_help_panel=STAGES)
def corpus(params: ParamsFile = PARAMS) -> None:
    """Read the recipes of corpus.source, keep the good ones, set the rest aside with a reason."""
    from seje.corpus import stage

    with _making("corpus"):
        given = load(params)
        stage.run(given.corpus, given.cluster)


@app.command(rich_help_panel=STAGES)
def images(params: ParamsFile = PARAMS) -> None:
    """Decode every photo once, shrink it, and pack all into one memory-mapped file."""
    from seje.images import stage

    sections = load(params)
    with _making("images"):
        stage.run(sections.images, sections.corpus, sections.cluster)


@app.command(rich_help_panel=STAGES)
def word2vec(params: ParamsFile = PARAMS) -> None:
    """Train skip-gram word vectors on the train partition."""
    from seje.word2vec import stage

    with _making("word2vec"):
        stage.run(load(params).word2vec)


@app.command(rich_help_panel=STAGES)
def keyterms(params: ParamsFile = PARAMS) -> None:
    """Train the ingredient tagger; find ingredients, actions and utensils of every recipe."""
    from seje.keyterms import stage

    with _making("keyterms"):
        given = load(params)
        stage.run(given.keyterms, given.cluster)


@app.command(rich_help_panel=STAGES)
def ranking(params: ParamsFile = PARAMS) -> None:
    """Rate the key terms and form the weighted term feature of every recipe."""
    from seje.ranking import stage

    with _making("ranking"):
        given = load(params)
        stage.run(given.ranking, given.cluster)


@app.command(rich_help_panel=STAGES)
def instructions(params: ParamsFile = PARAMS) -> None:
    """Train the sentence encoder; a vector for every instruction."""
    from seje.instructions import stage

    with _making("instructions"):
        given = load(params)
        stage.run(given.instructions, given.cluster)


@app.command(rich_help_panel=STAGES)
def categories(params: ParamsFile = PARAMS) -> None:
    """Find recipe categories, train the photo classifier, compute the photos' features."""
    from seje.categories import stage

    with _making("categories"):
        given = load(params)
        stage.run(given.categories, given.cluster)


@app.command(rich_help_panel=STAGES)
def joint(params: ParamsFile = PARAMS) -> None:
    """Train the joint embedding of recipes and photos."""
    from seje.joint import stage

    sections = load(params)
    with _making("joint"):
        stage.run(sections.joint, sections.loss)


@app.command(rich_help_panel=STAGES)
def model(params: ParamsFile = PARAMS) -> None:
    """Gather everything that embeds a photo or a recipe in one folder that needs nothing else."""
    from seje.model import stage

    given = load(params)
    with _making("model"):
        stage.run(given.model, given.ranking, given.images, given.corpus.source)


@app.command(rich_help_panel=STAGES)
def evaluation(params: ParamsFile = PARAMS) -> None:
    """Measure retrieval on the test partition, in both directions."""
    from seje.evaluation import stage

    with _making("evaluation"):
        stage.run(load(params).evaluation)


@app.command(rich_help_panel=STAGES)
def report() -> None:
    """Write the evaluation for people: curves and queries in one HTML file that needs nothing else."""
    from seje.report import stage

    with _making("report"):
        stage.run()


@app.command(rich_help_panel=STAGES)
def index(params: ParamsFile = PARAMS) -> None:
    """Embed recipes and photos for search."""
    from seje.index import stage

    with _making("index"):
        given = load(params)
        stage.run(given.index, given.cluster)
