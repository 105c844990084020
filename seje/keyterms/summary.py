"""What the key terms of a corpus come to, in numbers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from seje.keyterms.agreement import Agreement
from seje.keyterms.reexamination import FOUND, Line
from seje.keyterms.tagging import Verdict
from seje.keyterms.terms import Term

KINDS = ("ingredient", "action", "utensil")


class Report:
    """Counts lines and terms recipe by recipe; agreement with given names on val and test."""

    def __init__(self) -> None:
        self._recipes = self._without = self._joined = 0
        self._lines: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        self._agreement: dict[str, Agreement] = {}

    def add(self, lines: Sequence[Line], terms: Sequence[Term]) -> None:
        """Count one recipe."""
        self._recipes += 1
        self._without += not terms
        self._lines.update(line.found for line in lines)
        self._joined += sum(len(line.joined) for line in lines)
        self._kinds.update(term.kind for term in terms)

    def compare(
        self,
        partition: str,
        words: Sequence[Sequence[str]],
        verdicts: Sequence[Verdict],
        lines: Sequence[Line],
        names: Sequence[str],
        valid: Sequence[bool],
    ) -> None:
        """Count a recipe's agreement with the names it was given."""
        agreement = self._agreement.setdefault(partition, Agreement())
        for spoken, verdict, line, name, is_valid in zip(words, verdicts, lines, names, valid, strict=True):
            if is_valid:
                agreement.add(spoken, verdict, line, name)

    def counts(self) -> dict[str, Any]:
        """What `merge` takes, as JSON can hold it."""
        return {
            "recipes": self._recipes,
            "joined": self._joined,
            "without": self._without,
            "lines": dict(self._lines),
            "kinds": dict(self._kinds),
            "agreement": {partition: found.counts() for partition, found in self._agreement.items()},
        }

    def merge(self, counts: Mapping[str, Any]) -> None:
        """Take in what was counted elsewhere."""
        self._recipes += counts["recipes"]
        self._joined += counts["joined"]
        self._without += counts["without"]
        self._lines.update(counts["lines"])
        self._kinds.update(counts["kinds"])
        for partition, found in counts["agreement"].items():
            self._agreement.setdefault(partition, Agreement()).merge(found)

    def metrics(self) -> dict[str, Any]:
        """Shares and numbers of lines, mean terms of a recipe by kind, recipes without terms, agreement."""
        lines, recipes = max(self._lines.total(), 1), max(self._recipes, 1)
        return {
            "lines": {found: self._lines[found] / lines for found in FOUND},
            "lines_without_entity": self._lines["lost"],
            "headings": self._lines["heading"],
            "joined_entities": self._joined,  # further ones of lines that name several
            "terms_per_recipe": {kind: self._kinds[kind] / recipes for kind in KINDS},
            "recipes_without_terms": self._without,
            **{partition: agreement.scores() for partition, agreement in sorted(self._agreement.items())},
        }
