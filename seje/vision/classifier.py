"""The category classifier: a backbone and a linear head, fine-tuned or on frozen features (PAPER.md 2.6).

B batch, N photos, F features, K classes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import batched
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seje.data.store import ordered_map
from seje.progress import track
from seje.vision.backbones import Backbone, OnnxBackbone, TorchBackbone
from seje.vision.labelled import Labelled
from seje.vision.transforms import Squares, augment, centre
