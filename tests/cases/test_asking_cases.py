"""Cases of questions: through `seje search` and `seje embed`, and to the server."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import httpx
import numpy as np
import pytest
from casebook import PHOTOS, cases, refused, seje
from fastapi.testclient import TestClient
from PIL import Image

from seje.web.app import create

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("words", ["asdfghjkl", "\u5bff\u53f8", "the the the"])
@cases("gibberish")
def test_it_is_told_that_no_word_is_known(search, case, words):
    told = refused("search", words, "--for", "recipes", "--json")
    assert "no word of" in told and "is known" in told


@pytest.mark.parametrize("name", ["nan.json", "surrogate.json"])
@cases("json_500")
def test_json_that_is_none_is_refused(search, case, name):
    with TestClient(create(search, None, ["127.0.0.1"]), base_url="http://127.0.0.1") as client:
        body = (PHOTOS / case / name).read_bytes()
        answer = client.post("/search/text", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 422
        assert answer.json()["detail"].count("\n") == 0


@cases("ipv6")
def test_a_server_at_an_ipv6_address_answers(small_pipeline, tmp_path, case):
    command = [sys.executable, "-m", "seje", "serve", "--host", "::1", "--port", "0"]
    told = tmp_path / "told"
    with told.open("w") as out:
        running = subprocess.Popen(command, cwd=small_pipeline, stdout=out, stderr=out)
    try:
        while not (address := re.search(r"http://\[::1\](:\d+)", told.read_text())):
            assert running.poll() is None, told.read_text()
            time.sleep(0.05)
        for host in ("[::1]", "localhost", "127.0.0.1"):
            answer = httpx.get(f"{address[0]}/health", headers={"host": host + address[1]})
            assert answer.status_code == 200, host
        assert httpx.get(f"{address[0]}/health", headers={"host": "example.org"}).status_code == 400
    finally:
        running.terminate()
        running.wait(timeout=15)


@cases("token_link")
def test_a_link_with_the_token_opens_the_page(search, case):
    """A browser follows both links of a page elsewhere: tests/web/test_page.py has a real one."""
    first, again = re.findall(r'href="([^"]+)"', (PHOTOS / case / "page.html").read_text())
    app = create(search, "secret123", ["*"])
    with TestClient(app, base_url=again) as client:
        closed = client.get(again)
        assert closed.status_code == 401 and closed.headers["content-type"].startswith("text/html")
        assert len(re.findall("<input", closed.text)) == 1
        opened = client.get(first)
        assert (opened.status_code, str(opened.url)) == (200, again)
        assert "samesite=lax" in opened.history[0].headers["set-cookie"].lower()
        assert client.get(again).text == opened.text and "/page.js" in opened.text


def photo(seed, place):
    pixels = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
    with open(place, "wb") as file:
        Image.fromarray(pixels).resize((64, 64)).save(file, "JPEG")


@cases("embed_names")
def test_a_row_for_each_name_whatever_it_is(search, tmp_path, case):
    said = (PHOTOS / case / "how.txt").read_text()
    latin = re.search(r"printf '([^']+)'", said)[1].encode().decode("unicode_escape").encode("latin-1")
    assert b"\xe9" in latin
    (tmp_path / "photos").mkdir()
    (tmp_path / "elsewhere").mkdir()
    os.symlink(tmp_path / "elsewhere", tmp_path / "photos/album.jpg")
    names = [latin, b"two\nlines.jpg", b"x.jfif", b"album.jpg/far.jpg"]
    for seed, name in enumerate(names):
        photo(seed, os.path.join(os.fsencode(tmp_path / "photos"), name))
    out = tmp_path / "out.npy"
    done = seje("embed", str(tmp_path / "photos"), "-o", str(out))
    assert done.exit_code == 0, done.output
    rows = [os.fsencode(row) for row in json.loads(out.with_suffix(".json").read_text())]
    assert sorted(rows) == sorted(os.path.join(os.fsencode(tmp_path / "photos"), name) for name in names)
    vectors = np.load(out)
    assert len(vectors) == len(names)
    for row, vector in zip(rows, vectors, strict=True):  # each row is its own photo's
        alone = tmp_path / f"alone{rows.index(row)}"
        alone.mkdir()
        (alone / "photo.jpg").write_bytes(Path(os.fsdecode(row)).read_bytes())
        seje("embed", str(alone), "-o", str(tmp_path / "alone.npy"))
        np.testing.assert_allclose(np.load(tmp_path / "alone.npy")[0], vector, atol=1e-4)


@pytest.mark.parametrize("out", ["x.txt", "folder", "folder.npy"])
@cases("embed_names")
def test_where_to_write_is_checked_before_the_work(search, tmp_path, monkeypatch, case, out):
    for name in ("photos", "folder", "folder.npy"):
        (tmp_path / name).mkdir()
    photo(0, tmp_path / "photos/a.jpg")
    monkeypatch.setattr("seje.search.embed.open_model", lambda *_: pytest.fail("it began to work"))
    assert "-o" in refused("embed", str(tmp_path / "photos"), "-o", str(tmp_path / out))
    assert {path.name for path in tmp_path.iterdir()} == {"photos", "folder", "folder.npy"}
