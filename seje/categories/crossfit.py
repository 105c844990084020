"""Training of the photo classifier, and of those that tell the photos which it learnt from: cross-fitting.

Of photos that a classifier learnt from it says what it remembers. Were that the category feature of train,
phase II would trust it more than it may trust the feature of any other photo. So what is said of such a
photo comes from a classifier that learnt from the other folds alone (stacked generalization, Wolpert 1992).
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from torch import nn

from seje.categories.finetuning import FineTuning, State
from seje.categories.head import fit_head, frozen_features
from seje.categories.labelled import Labelled, deal
from seje.categories.settings import FineTuningSettings
from seje.progress import say
from seje.vision.classifier import Classifier, Rows

# Each classifier learns from four fifths of the photos. Fitting a head takes seconds: the features are there.
HEAD_FOLDS = 5
# A network is trained anew for each fold, on the photos of the others: three make the stage three times as
# long (1 + 3 x 2/3). Two would double it, but the classifiers of train would know half of the photos alone,
# and say of them less than the whole classifier says of other photos.
NETWORK_FOLDS = 3


class Part(NamedTuple):
    """A part of the labelled photos to learn from, and the rows of those that it leaves to be told."""

    learn: npt.NDArray[np.bool_]
    told: Rows


def parts(train: Labelled, own: bool, frozen: bool, seed: int) -> list[Part]:
    """All photos; then, if they are the corpus's own, all but each fold. Photos of a recipe stay together."""
    whole = Part(np.ones(len(train), dtype=bool), train.rows[:0])
    if not own or not len(train):
        return [whole]
    count = min(HEAD_FOLDS if frozen else NETWORK_FOLDS, len(np.unique(train.dishes)))
    fold = deal(train, count, seed)
    return [whole, *(Part(fold != number, train.rows[fold == number]) for number in range(count))]


def fitted(first: Classifier, train: Labelled, split: list[Part]) -> Iterator[Classifier]:
    """Fit a head to frozen features for each part; the first classifier's own for the first."""
    features = frozen_features(first, train)
    for number, part in enumerate(split):
        head = nn.Linear(first.head.in_features, first.head.out_features) if number else first.head
        fit_head(head, features[part.learn], train.labels[part.learn])
        yield Classifier(first.backbone, head, first.crop, first.precision) if number else first


def tuned(
    first: Classifier,
    fresh: Callable[[], Classifier],
    train: Labelled,
    split: list[Part],
    settings: FineTuningSettings,
    load: Callable[[int], State | None],
    save: Callable[[int, State], None],
) -> Iterator[Classifier]:
    """Fine-tune a classifier for each part, one after another, or go on where a killed run stopped.

    Every part has a state of its own, loaded and saved by the part's number, which stays when it is done: a
    stage that is killed later takes the classifier from it.
    """
    for number, part in enumerate(split):
        tuning = FineTuning(fresh() if number else first, settings)
        if state := load(number):
            tuning.restore(state)
            say(f"categories: {_name(number, split)}going on after epoch {tuning.epoch}")
        for state in tuning.run(train.part(part.learn)):
            save(number, state)
            say(f"{_name(number, split)}epoch {state['epoch']}: loss {state['loss']:.4g}")
        yield tuning.classifier


def _name(number: int, split: list[Part]) -> str:
    return f"without fold {number} of {len(split) - 1}: " if number else ""
