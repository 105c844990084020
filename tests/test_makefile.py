"""`make repro` where git keeps its folder elsewhere: in a worktree, and in a submodule."""

import os
import shutil
import subprocess

import pytest
from conftest import ROOT


@pytest.fixture
def repository(tmp_path):
    """A repository with the Makefile, and an environment that has been installed and does nothing."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "code")
    return folder


def git(folder, *words):
    settings = [
        "-c",
        "user.name=test",
        "-c",
        "user.email=test@example.org",
        "-c",
        "protocol.file.allow=always",
    ]
    subprocess.run(["git", *settings, *words], cwd=folder, check=True, capture_output=True)


def repro(folder):
    (folder / ".venv/bin").mkdir(parents=True)
    for name in ("dvc", "python"):
        (folder / ".venv/bin" / name).write_text(f'#!/bin/sh\necho "ran {name} $*"\n')
        (folder / ".venv/bin" / name).chmod(0o755)
    (folder / ".venv/.installed").touch()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
    }
    return subprocess.run(["make", "repro"], cwd=folder, env=environment, capture_output=True, text=True)


def test_a_clone_a_worktree_and_a_submodule_run(repository, tmp_path):
    git(repository, "worktree", "add", str(tmp_path / "worktree"))
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "--quiet")
    git(outer, "submodule", "add", str(repository), "inner")
    for folder in (repository, tmp_path / "worktree", outer / "inner"):
        done = repro(folder)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "ran dvc repro" in done.stdout and "ran python -m seje metrics" in done.stdout


def test_what_is_in_no_repository_is_told(repository):
    shutil.rmtree(repository / ".git")
    done = repro(repository)
    assert done.returncode == 2 and "not a git repository" in done.stdout
