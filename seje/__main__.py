"""`python -m seje`: the form that stages use, since it runs the code of the working directory."""

from seje.cli import app

if __name__ == "__main__":  # a worker process imports this module too
    app(prog_name="seje")
