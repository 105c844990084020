"""Where a JSON value ends that cannot be read."""

import re

_OUTSIDE = re.compile(r'[\[\]{},"]')
_INSIDE = re.compile(r'["\\]')  # a string


class Brackets:
    """Looks for the end of an array's item, piece by piece: the comma or bracket outside all others."""

    def __init__(self) -> None:
        self._depth = 0
        self._quoted = self._escaped = False

    def end(self, text: str, at: int) -> int | None:
        """Find the place behind the item in its next piece, from `at` on; None where it goes on."""
        if self._escaped and at < len(text):
            self._escaped, at = False, at + 1
        while found := (_INSIDE if self._quoted else _OUTSIDE).search(text, at):
            sign, at = found[0], found.end()
            if sign in ",]" and not self._depth:
                return found.start()
            if sign == "\\":
                self._escaped = at == len(text)
                at += 1
            elif sign == '"':
                self._quoted = not self._quoted
            elif sign != ",":
                self._depth = max(self._depth + (1 if sign in "[{" else -1), 0)
        return None
