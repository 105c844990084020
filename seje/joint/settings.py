"""What may be set about training: the form of the loss, and how long and how fast to train."""

from dataclasses import dataclass
from typing import Literal

from seje.joint.background import Background
from seje.joint.discriminator import Form
from seje.joint.losses import Margin, Negatives, Objective


@dataclass(frozen=True)
class LossSettings:
    """Form and weights of the loss: objective + category * L_CA + discriminator * L_DA."""

    objective: Objective
    margin: Margin
    gamma: float
    negatives: Negatives
    temperature: Literal["learned"] | float  # of infonce
    category: float
    background: Background
    discriminator: float
    discriminator_form: Form
    gradient_penalty: float


@dataclass(frozen=True)
class Settings:
    """How long and how fast to train."""

    batch: int
    batches: Literal["random", "category"]
    epochs: int
    lr: float
    pixels_lr: float  # of a CNN trained along
    freeze_epochs: int  # until which it stays as it is
    schedule: Literal["plateau", "cosine"]
    weight_decay: float
    clip: float  # longest gradient of the towers; 0: any
    patience: int
    stop: int
    ridge: float  # of the linear part
    seed: int
