import json
import os
import shutil
import subprocess
import sys
import threading
from http.server import ThreadingHTTPServer

import pytest
from hub_server import Hub

import seje
from seje.errors import SejeError
from seje.model import hub
from seje.model.folder import CARD, FACTS

pytestmark = pytest.mark.slow


@pytest.fixture
def ask(tmp_path):
    """Run Python with the hub's own client, which talks to a server of this test."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    Hub.repositories.clear()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    known = {"HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}", "HF_HOME": str(tmp_path / "home")}

    def run(*words: str, token: str = "secret") -> subprocess.CompletedProcess[str]:
        environment = os.environ | known | {"HF_TOKEN": token}
        return subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True)

    yield run
    server.shutdown()


@pytest.fixture
def folder(small_pipeline):
    return small_pipeline / "pipeline" / "model"


def test_what_was_pushed_is_loaded_by_its_id(ask, folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "model")
    (copy / "notes.txt").write_text("mine")
    done = ask("-m", "seje", "push", str(copy), "me/dishes")
    assert done.returncode == 0 and "me/dishes" in done.stdout, done.stderr
    again = ask("-m", "seje", "push", str(copy), "me/dishes", "--json")
    assert json.loads(again.stdout) == {"address": done.stdout.strip()}
    held = Hub.repositories["me/dishes"]
    assert {FACTS, CARD} <= held.keys() and not held.keys() & {"notes.txt", "made_of.json"}
    assert all(held[name] == (copy / name).read_bytes() for name in held)
    load = "import seje; print(seje.load('me/dishes').load().fingerprint)"
    done = ask("-c", load)
    assert done.stdout.strip() == seje.load(folder).fingerprint, done.stderr
    Hub.repositories.clear()
    assert "404" in ask("-c", "import seje; seje.load('you/dishes')").stderr


def test_only_a_whole_model_is_pushed(ask, folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "model")
    (copy / "towers.json").write_text("{}")
    done = ask("-m", "seje", "push", str(copy), "me/dishes")
    assert done.returncode == 2 and "is not the file that belongs to this model" in done.stderr
    assert not Hub.repositories


@pytest.mark.parametrize(
    "name, token, told", [("dishes", "secret", "give OWNER/NAME"), ("me/x", "no", "401")]
)
def test_mistakes_get_one_line(name, token, told, ask, folder):
    done = ask("-m", "seje", "push", str(folder), name, token=token)
    assert done.returncode == 2 and told in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_path_is_never_asked_for_at_the_hub(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert hub.locate("here/is/no/model") == hub.Path("here/is/no/model")
    assert hub.locate(tmp_path) == tmp_path
    with pytest.raises(SejeError, match=r"me/dishes: no such folder; .* pip install 'seje\[hub\]'"):
        seje.load("me/dishes")
