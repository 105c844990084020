"""`python -m seje`: the form that stages use, since it runs the code of the working directory."""

from seje.cli import app

app(prog_name="seje")
