"""The pull-request workflow: what it runs exists, and its comparison works in a clone without data."""

import os
import re
import subprocess

import pytest
import yaml
from conftest import ROOT

TEXT = (ROOT / ".github/workflows/pull-request.yml").read_text(encoding="utf-8")
JOBS = yaml.safe_load(TEXT)["jobs"]


def script(name: str) -> str:
    return next(step["run"] for step in JOBS["changes"]["steps"] if step.get("name") == name)


def test_the_targets_of_make_that_it_runs_are_there():
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"\bmake (\w+)", "\n".join(step.get("run", "") for step in JOBS["tests"]["steps"]))
    assert targets and all(f"\n{target}:" in makefile for target in targets)


@pytest.mark.slow
def test_the_comparison_tells_what_a_branch_changed(tmp_path):
    """The workflow's own script, in a clone that has neither data nor a cache."""

    def run(*command: str, **environment: str) -> str:
        shell = {"cwd": tmp_path / "clone", "check": True, "capture_output": True, "text": True}
        return subprocess.run(command, env=os.environ | environment, **shell).stdout

    subprocess.run(["git", "clone", "-q", str(ROOT), str(tmp_path / "clone")], check=True)
    for name in ("params.yaml", "dvc.yaml"):
        (tmp_path / "clone" / name).write_text((ROOT / name).read_text())
    base = run("git", "rev-parse", "HEAD").strip()
    run("git", "update-ref", "refs/remotes/origin/base", base)
    params = tmp_path / "clone/params.yaml"
    params.write_text(params.read_text().replace("  margin: 0.3", "  margin: soft"))
    metrics = tmp_path / "clone/metrics/joint.json"
    metrics.write_text(re.sub(r'"epoch": \d+', '"epoch": 987', metrics.read_text()))
    summary = tmp_path / "summary.md"
    run(
        "bash",
        "-ec",
        script("Compare with the base branch"),
        BASE="origin/base",
        GITHUB_STEP_SUMMARY=str(summary),
    )
    said = summary.read_text()
    assert "Against `base`" in said
    assert re.search(r"metrics/joint.json\s*\|\s*val\.epoch.*987", said)
    assert re.search(r"params.yaml\s*\|\s*loss\.margin\s*\|\s*0\.3\s*\|\s*soft", said)
