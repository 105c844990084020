"""The command line; what is heavy is imported inside the commands."""

from seje.cli import evaluation, preset, results, search, stages  # noqa: F401  # they register their commands
from seje.cli.app import app

__all__ = ["app"]
