"""What the tagger learns from: a recipe's ingredient lines with word labels, given or weak."""

from collections.abc import Iterator, Sequence
from sys import intern

from seje.keyterms import weak_labels
from seje.keyterms.alignment import align
from seje.keyterms.headings import is_heading
from seje.keyterms.tagging import Example

TokenizedLines = Sequence[Sequence[str]]


def given(lines: TokenizedLines, names: Sequence[str], valid: Sequence[bool]) -> Iterator[Example | None]:
    """Yield an example for each line from det_ingrs.json; None where its name cannot be aligned.

    Of alternatives that are one name there (`milk or cream`), the first is the entity.
    """
    for line, name, is_valid in zip(lines, names, valid, strict=True):
        labels = align(line, name) if is_valid and not is_heading(line) else None
        yield None if is_valid and labels is None else _example(line, labels)


def mentioned(lines: TokenizedLines, title: str, instructions: Sequence[str]) -> Iterator[Example | None]:
    """Yield an example for each line from what its recipe mentions again; None where that tells nothing."""
    stems = weak_labels.mentions([title, *instructions])
    for line in lines:
        nothing = is_heading(line) or weak_labels.names_nothing(line)
        labels = None if nothing else weak_labels.label(line, stems)
        yield _example(line, labels) if labels or nothing else None


def _example(line: Sequence[str], labels: Sequence[int] | None) -> Example:
    """One object for equal words, so that hundreds of thousands of lines need half the memory."""
    return Example(tuple(map(intern, line)), tuple(labels) if labels else None)
