"""The Dockerfile says what the project says: its Python, its extras, its command, its files, its health."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatch

import pytest
from conftest import ROOT
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from typer.main import get_command

from seje.cli import app

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TEXT = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
LINES = [line.split(maxsplit=1) for line in TEXT.splitlines() if line and not line.startswith("#")]
CONTEXT = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]


def of(instruction):
    return [given for name, given in LINES if name == instruction]


def test_it_runs_the_python_that_is_tested_and_allowed():
    bases = {base.split()[0] for base in of("FROM")}
    (version,) = {re.fullmatch(r"python:([\d.]+)-slim", base)[1] for base in bases}
    assert Version(version) in SpecifierSet(PROJECT["requires-python"])
    assert f'python-version: "{version}"' in (ROOT / ".github/workflows/pull-request.yml").read_text()


def test_its_extras_exist_and_the_server_is_among_them():
    (extras,) = [given.partition("=")[2].split(",") for given in of("ARG") if given.startswith("EXTRAS")]
    assert {"serve", *extras} <= PROJECT["optional-dependencies"].keys()
    assert "serve" in extras


def test_all_that_is_installed_is_pinned():
    pinned = {line.partition("==")[0] for line in (ROOT / "constraints.txt").read_text().splitlines()}
    for run in (run for run in of("RUN") if "pip install" in run):
        words = shlex.split(run.partition("pip install")[2])
        assert words[words.index("--constraint") + 1].strip("/") == "constraints.txt"
        named = [word for word in words if re.fullmatch(r"[a-z]+", word)]
        assert {*named} <= pinned


def test_it_calls_the_command_with_options_that_it_has_and_as_no_root():
    ((entry,),), (words,) = map(json.loads, of("ENTRYPOINT")), map(json.loads, of("CMD"))
    assert entry in PROJECT["scripts"]
    command = get_command(app).commands[words[0]]
    given = dict(zip(words[1::2], words[2::2], strict=True))
    assert given.keys() <= {option for parameter in command.params for option in parameter.opts}
    assert given["--port"] in of("EXPOSE")
    (user,) = of("USER")
    assert int(user) and f"--uid {user} " in TEXT
    last = [name for name, _ in LINES]
    assert last.index("USER") > max(place for place, name in enumerate(last) if name == "RUN")


@pytest.mark.slow
def test_its_health_check_asks_what_the_server_answers(search):
    from fastapi.testclient import TestClient

    from seje.web.app import create

    (check,) = of("HEALTHCHECK")
    code = json.loads(check.partition("CMD")[2])[2]
    compile(code, "HEALTHCHECK", "exec")
    address = re.search(r"http://[\d.]+:(\d+)(/\w+)", code)
    assert address[1] in of("EXPOSE")
    with TestClient(create(search, "secret", ["*"]), base_url="http://127.0.0.1") as client:
        assert client.get(address[2]).status_code == 200


def test_what_is_copied_is_in_the_context_and_nothing_of_data_is():
    copied = [word.removeprefix("./") for line in of("COPY") for word in shlex.split(line)[:-1]]
    assert {*copied} == {*CONTEXT}
    assert (ROOT / ".dockerignore").read_text().split("\n")[1] == "*"
    assert not [name for name in CONTEXT if any(fnmatch(name, data) for data in ("pipeline*", ".git*", ".*"))]


@pytest.mark.slow
def test_the_context_is_enough_for_the_wheel(tmp_path):
    for name in CONTEXT:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path / "wheels")]
    subprocess.run([*build, str(tmp_path)], check=True, capture_output=True)
    (wheel,) = (tmp_path / "wheels").glob("seje-*.whl")
    assert re.search(r"/wheels/seje-\*\.whl", TEXT) and wheel.stat().st_size
