"""Precision, recall and F1 from counts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from seje.keyterms.alignment import align, spells
from seje.keyterms.reexamination import Line
from seje.keyterms.tagging import Verdict


@dataclass
class Counts:
    """How many were found, how many there are, and how many of these were found."""

    found: int = 0
    there: int = 0
    right: int = 0

    def merge(self, found: int, there: int, right: int) -> None:
        """Take in what was counted elsewhere."""
        self.found += found
        self.there += there
        self.right += right

    def scores(self) -> dict[str, float]:
        """Precision, recall and F1; each 0 where there is nothing to divide by."""
        return {
            "precision": self.right / self.found if self.found else 0.0,
            "recall": self.right / self.there if self.there else 0.0,
            "f1": 2 * self.right / (self.found + self.there) if self.found + self.there else 0.0,
        }


class Agreement:
    """Agreement of the tagger's words, and of the entities after re-examination, with given names."""

    def __init__(self) -> None:
        self.words = Counts()
        self.entities = Counts()

    def add(self, words: Sequence[str], verdict: Verdict, line: Line, name: str) -> None:
        """Count one line that has the entity `name`; words only where they can be aligned with it."""
        self.entities.there += 1
        self.entities.found += line.entity != ""
        self.entities.right += spells(line.entity, name) or spells("_and_".join(line.entities), name)
        labels = align(words, name)
        if labels is not None:
            self.words.there += sum(labels)
            self.words.found += len(verdict.places)
            self.words.right += sum(labels[place] for place in verdict.places)

    def counts(self) -> dict[str, dict[str, int]]:
        """What `merge` takes, as JSON can hold it."""
        return {"words": asdict(self.words), "entities": asdict(self.entities)}

    def merge(self, counts: Mapping[str, Mapping[str, int]]) -> None:
        """Take in what was counted elsewhere."""
        self.words.merge(**counts["words"])
        self.entities.merge(**counts["entities"])

    def scores(self) -> dict[str, dict[str, float]]:
        """Scores by words and by entities."""
        return {"words": self.words.scores(), "entities": self.entities.scores()}
