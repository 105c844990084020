"""What the classifier is given of photos: squares for a network, or features of one's own in its place."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch

from seje.categories.labelled import PhotoLists
from seje.categories.photo_features import Form
from seje.categories.settings import CategoriesSettings
from seje.categories.training_photos import TrainingPhotos, labelled_features, labelled_folder
from seje.photos.store import Photos
from seje.vision.classifier import Classifier, build, given_features
from seje.vision.models import Sight, sight
from seje.vision.names import FEATURES
from seje.vision.own_features import OwnFeatures
from seje.vision.transforms import Photographs, Squares


@dataclass(frozen=True)
class PhotoInput:
    """How photos come to a classifier, and the classifier that takes them."""

    settings: CategoriesSettings
    features: OwnFeatures | None  # in the place of a network's
    stored: int  # shorter side of the photos in the store, in pixels

    @cached_property
    def sight(self) -> Sight:
        """How the network sees a photo; of features of one's own, not at all."""
        if self.features:
            return Sight(0, 0)
        return sight(self.settings.backbone, self.settings.head_alone, self.stored)

    @property
    def backbone(self) -> str:
        """What gives the features, as a classifier's config names it."""
        return FEATURES if self.features else self.settings.backbone

    @property
    def form(self) -> Form:
        """How many views of a photo there are, and how its category is told."""
        views = self.features.views if self.features else self.settings.views
        return Form(views, self.settings.soft, self.settings.confidence)

    def classifier(self, classes: int) -> Classifier:
        """Make an untrained classifier, the same one every time."""
        torch.manual_seed(self.settings.seed)
        if self.features:
            return given_features(self.features.features, classes)
        network = self.settings.backbone, self.settings.weights
        return build(*network, classes, self.sight.crop, self.settings.precision)

    def of(self, store: Photos) -> Photographs:
        """Give the photos of the store."""
        if self.features:
            return self.features.of(store.photos.tolist())
        return Squares(store.decode, len(store), self.sight.side, cache_bytes=0)

    def labelled(self, listed: PhotoLists) -> TrainingPhotos:
        """Give the labelled photos that the folder of the settings lists."""
        folder = str(self.settings.labelled)
        if self.features:
            return labelled_features(listed, self.features, Path(folder))
        return labelled_folder(listed, self.stored, self.sight.side, folder)
