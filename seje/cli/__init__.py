"""The command line; what is heavy is imported inside the commands."""

from seje.cli import asking, numbers, stages
from seje.cli.app import app

__all__ = ["app", "asking", "numbers", "stages"]
