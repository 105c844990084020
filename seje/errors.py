"""The one exception for what a user can mend."""


class SejeError(Exception):
    """Says in one line what is wrong, where, and what to do; the command line shows it and exits with 2."""
