"""The one exception for what a user can mend, and how texts of others are shown in its line."""


class SejeError(Exception):
    """Says in one line what is wrong, where, and what to do; the command line shows it and exits with 2."""


def one_line(text: object) -> str:
    """Show any text in one line: line breaks, escapes and bytes that are no text as their codes."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in str(text))
