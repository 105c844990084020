"""When to lower the learning rate and when to stop (the rule of the released code)."""

from dataclasses import dataclass


@dataclass
class Plateau:
    """Counts epochs without a better score: `patience` of them lower the rate, then `stop` end training."""

    patience: int
    stop: int
    best: float = float("-inf")
    waited: int = 0
    lowered: bool = False

    def improved_by(self, score: float) -> bool:
        """Whether a score is better than all that were counted."""
        return score > self.best

    def count(self, score: float) -> None:
        """Take in an epoch's score: what it changes, it changes for the next epoch."""
        if self.improved_by(score):
            self.best, self.waited = score, 0
            return
        self.waited += 1
        if not self.lowered and self.waited >= self.patience:
            self.lowered, self.waited = True, 0

    @property
    def factor(self) -> float:
        """What the learning rate is multiplied with."""
        return 0.1 if self.lowered else 1.0

    @property
    def over(self) -> bool:
        """Whether training is to end."""
        return self.lowered and self.waited >= self.stop
