"""params.yaml, all of it: one section a stage, each with the class of its room."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from seje.categories.settings import CategoriesSettings
from seje.corpus.settings import CorpusSettings
from seje.errors import SejeError
from seje.evaluation.settings import EvaluationSettings
from seje.images.settings import ImagesSettings
from seje.index.settings import IndexSettings
from seje.instructions.settings import InstructionsSettings
from seje.joint.settings import JointSettings, LossSettings
from seje.keyterms.settings import KeytermsSettings
from seje.kitchen.settings import KitchenSettings
from seje.model.settings import ModelSettings
from seje.ranking.settings import RankingSettings
from seje.section import Section
from seje.shards.settings import ClusterSettings
from seje.vision.names import SENTENCE
from seje.word2vec.settings import Word2vecSettings


class Params(Section):
    """All of params.yaml."""

    cluster: ClusterSettings
    kitchen: KitchenSettings
    corpus: CorpusSettings
    images: ImagesSettings
    word2vec: Word2vecSettings
    keyterms: KeytermsSettings
    ranking: RankingSettings
    instructions: InstructionsSettings
    categories: CategoriesSettings
    joint: JointSettings
    loss: LossSettings
    model: ModelSettings
    evaluation: EvaluationSettings
    index: IndexSettings

    def outside(self) -> list[str]:
        """List what may name data that no stage makes, sorted: files and folders, and names of models."""
        photos, models = (
            self.categories,
            (self.ranking.model, self.instructions.model, self.joint.text_model, self.evaluation.embedder),
        )
        of_photos = (photos.labelled, photos.backbone.removeprefix(SENTENCE), photos.features, photos.weights)
        given = (self.corpus.source, *of_photos, *models)
        return sorted({name for name in given if name})


def load(path: Path) -> Params:
    """Read and check a params file; raises SejeError with one line that names each wrong key."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SejeError(f"{path} is missing: run in the repository's root, or give --params") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise SejeError(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    return check(data, str(path))


def check(data: Any, name: str) -> Params:
    """Check what a params file holds; raises SejeError with one line: `name`, then each wrong key."""
    try:
        return Params.model_validate(data)
    except ValidationError as error:
        raise SejeError(f"{name}: {_explain(error)}") from None


def _explain(error: ValidationError) -> str:
    accepted: dict[str, list[str]] = {}
    given: dict[str, str] = {}
    for problem in error.errors():
        # A union's problems carry the member's name behind the key; one line tells them together.
        key = ".".join(str(part) for part in problem["loc"] if not _is_union_member(part))
        accepted.setdefault(key, []).append(_message(problem["type"], problem["msg"], problem["loc"]))
        given[key] = "" if problem["type"] == "missing" else f" (it is {problem['input']!r:.60})"
    return "; ".join(f"{key or 'the file'}: {' or '.join(accepted[key])}{given[key]}" for key in accepted)


def _is_union_member(part: int | str) -> bool:
    return isinstance(part, str) and ("[" in part or part in {"literal", "str", "none"})


def _message(kind: str, message: str, location: tuple[int | str, ...]) -> str:
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        section = Params.model_fields.get(str(location[0])) if len(location) > 1 else None
        known = section.annotation.model_fields if section and section.annotation else Params.model_fields
        return f"unknown key; known are {', '.join(known)}"
    return message.removeprefix("Value error, ").replace("Input should be", "should be")
