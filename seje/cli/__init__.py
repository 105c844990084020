"""The command line; what is heavy is imported inside the commands."""

# Each registers its commands.
from seje.cli import evaluation, model, preset, results, search, stages, store, terms, using  # noqa: F401
from seje.cli.app import app

__all__ = ["app"]
