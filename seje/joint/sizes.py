"""The sizes of the towers: which inputs they have, and how wide these are."""

from seje.errors import SejeError
from seje.joint.settings import JointSettings
from seje.towers.features import PhotoFeatures, RecipeFeatures
from seje.towers.joint_model import ModelSizes


def need_input(joint: JointSettings, recipes: RecipeFeatures) -> None:
    """Raise SejeError where the recipe tower would read nothing."""
    if not (joint.terms or joint.instructions or joint.reads_lines or recipes.words.shape[2]):
        raise SejeError(
            "joint: no feature of recipes is left: set joint.terms, joint.instructions, joint.lines or "
            "ranking.words"
        )


def model_sizes(
    joint: JointSettings,
    recipes: RecipeFeatures,
    photos: PhotoFeatures,
    sentence: int | None,
    pixels: int | None,
) -> ModelSizes:
    """Size the towers; raises SejeError where the linear part would see what the recipe tower does not read.

    Args:
        joint: what is asked for.
        recipes: cached features of recipes.
        photos: cached features of photos.
        sentence: length of a line's vector by an encoder that is trained along; None: it is the cached ones'.
        pixels: length of a pixel feature by a CNN that is trained along; None: it is the cached ones'.
    """
    sentence = sentence or recipes.instructions.vectors.shape[1]
    sizes = ModelSizes(
        terms=recipes.terms.shape[2] * joint.terms,
        sentence=sentence * joint.instructions,
        lines=sentence * joint.reads_lines,
        words=recipes.words.shape[2],
        pixels=pixels or photos.pixels.shape[2],
        labels=photos.labels.shape[1] * joint.categories,
        linear=joint.linear,
        linear_reads=joint.linear_reads,
        recipe=joint.recipe,
        recurrent=joint.recurrent,
        embedding=joint.embedding,
        categories=int(recipes.categories.max()) + 1,
        dropout=joint.dropout,
    )
    _need_blocks(sizes)
    return sizes


def _need_blocks(sizes: ModelSizes) -> None:
    has = {"terms": sizes.terms, "words": sizes.words, "sentences": sizes.sentence or sizes.lines}
    if sizes.linear and (missing := [name for name in sizes.linear_reads if not has[name]]):
        raise SejeError(
            f"joint.linear_reads: {missing[0]} are no input here: leave them out, or set ranking.words, "
            "joint.terms, joint.instructions or joint.lines"
        )
