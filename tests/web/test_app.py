"""The REST interface: answers, refusals, limits, and that nothing that is sent makes a 5xx."""

import asyncio
import io
import os
import re
import resource
import signal
import socket
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
import schemathesis
from conftest import ROOT, served, small_params
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from typer.testing import CliRunner

from seje.cli import app as cli
from seje.model.model import NothingKnown
from seje.model.recipe_encoder import RecipeText
from seje.web import engine
from seje.web.app import UPLOAD_BYTES, create
from seje.web.batching import Batcher, Full
from seje.web.limits import BodyLimit, is_loopback

pytestmark = pytest.mark.slow


@pytest.fixture
def client(search):
    with TestClient(create(search, None, ["127.0.0.1"]), base_url="http://127.0.0.1") as made:
        yield made


def photo(search, row=0):
    return bytes(search._store.jpeg(row))


def test_a_photo_finds_itself(client, search):
    answer = client.post("/search/photo?k=3", content=photo(search))
    assert answer.status_code == 200
    found = answer.json()
    assert [len(found[side]) for side in ("recipes", "photos")] == [3, 3]
    assert found["photos"][0]["photo"] == search._store.photos[0]


def test_text_finds_what_the_library_finds(client, search):
    asked = {"title": "tomato soup", "ingredients": ["2 tomatoes"]}
    found = client.post("/search/text?k=4", json=asked).json()
    vector = search.model.embed_recipes([RecipeText("tomato soup", ["2 tomatoes"])])[0]
    for side in ("recipes", "photos"):
        expected = search.find(vector, side, 4)
        assert [hit["id"] for hit in found[side]] == [hit["id"] for hit in expected]
        assert [hit["score"] for hit in found[side]] == pytest.approx([hit["score"] for hit in expected])


def test_a_recipe_and_a_photo_are_looked_up(client, search):
    recipe = client.get(f"/recipes/{search._recipes['id'][0]}").json()
    assert recipe["title"] == search._recipes["title"][0].as_py() and recipe["terms"] and recipe["photos"]
    answer = client.get(f"/photos/{recipe['photos'][0]}")
    assert answer.headers["content-type"] == "image/jpeg" and answer.content == photo(search)


@pytest.mark.parametrize(
    "name", ["..%2F..%2Fparams.yaml", "%2Fetc%2Fpasswd", "nope", "a%00b", "%F0%9F%8D%9D"]
)
def test_names_are_never_paths(client, name):
    for kind in ("recipes", "photos"):
        answer = client.get(f"/{kind}/{name}")
        assert answer.status_code == 404 and answer.json()["detail"]


def png(width, height, data=b""):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def a_zip():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("photo.jpg", "x" * 1000)
    return held.getvalue()


def test_bad_uploads_are_refused_in_one_line_and_leave_no_memory(client, search):
    good = photo(search)
    bomb = png(30_000, 30_000, zlib.compress(b"\0" * 1_000_000))
    uploads = {
        "truncated": (good[: len(good) // 2], 422),
        "too large": (bomb, 422),
        "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><rect/></svg>", 422),
        "zip": (a_zip(), 422),
        "empty": (b"", 422),
        "short png": (png(200, 200, zlib.compress(b"\0" * 100)), 422),
        "tiny": (png(3, 3, zlib.compress(b"\0" * 30)), 422),
        "50 MB": (bytes(50 * 2**20), 413),
    }
    for told, (content, status) in uploads.items():
        answer = client.post("/search/photo", content=content)
        assert answer.status_code == status, told
        detail = answer.json()["detail"]
        assert detail and "\n" not in detail
    before = resident()
    for _ in range(5):
        for content, _ in uploads.values():
            client.post("/search/photo", content=content)
    assert resident() - before < 30 * 2**20
    assert client.post("/search/photo", content=good).status_code == 200


def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_a_body_without_a_length_is_counted_as_it_comes(client):
    pieces = (bytes(2**20) for _ in range(UPLOAD_BYTES // 2**20 + 2))
    answer = client.post("/search/photo", content=pieces)
    assert answer.status_code == 413 and "larger than 20 MB" in answer.json()["detail"]


def test_all_bodies_together_are_bounded():
    """Eleven clients that send 100 bytes each, to a server that holds ten times 100."""

    async def ask():
        go, held = asyncio.Event(), []

        async def app(scope, receive, send):
            held.append(await receive())
            await go.wait()

        async def receive():
            return {"type": "http.request", "body": b"x" * 100}

        limited = BodyLimit(app, most=100)
        scope = {"type": "http", "headers": []}
        asked = [asyncio.create_task(limited(scope, receive, None)) for _ in range(11)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        go.set()
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        await limited(scope, receive, None)  # room again
        return [one for one in outcomes if one], len(held)

    (refused,), held = asyncio.run(ask())
    assert refused.status_code == 503 and held == 11


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 422), ({"title": "  "}, 422), ({"caption": "x"}, 422), ({"title": "x" * 10_001}, 422), ([], 422)],
)
def test_what_cannot_be_asked(client, body, status):
    assert client.post("/search/text", json=body).status_code == status


BODIES = {
    b'{"title": NaN}': "title: Input should be a valid string",
    b'{"title": "half \\ud83d"}': "Invalid JSON",
    b'{"title": "low \\udca9 half"}': "Invalid JSON",
    b'{"ingredients": [1e999, null, [], {}]}': "; ...",
    b'{"title": ' + b"9" * 10_000 + b"}": "Invalid JSON",
    b"[" * 100_000: "recursion limit",
    b'{"title":' * 50_000: "",
    b'"\xff\xfe"': "Invalid JSON",
    '{"title": "cr\u00e8me"}'.encode("latin-1"): "Invalid JSON",
    '{"title": "soup"}'.encode("utf-16"): "Invalid JSON",
    b"": "EOF",
    b"null": "should be an object",
    b'{"a\\nb\\u001b": 1}': r"a\nb\x1b: Extra inputs",
    b'{"' + b"k" * 1_000_000 + b'": 1}': "Extra inputs",
    b'{"title": "\\u0000"}': "nothing asked",
    b"--x\r\ncontent-disposition: form-data": "Invalid JSON",
}


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_body_that_is_no_recipe_gets_422_and_a_line(client, body):
    for kind in ("application/json", "text/plain", "application/json; charset=utf-16"):
        answer = client.post("/search/text", content=body, headers={"content-type": kind})
        detail = answer.json()["detail"]
        assert answer.status_code == 422 and BODIES[body] in detail
        assert detail.isprintable() and len(detail) < 500


@pytest.mark.parametrize(
    "query",
    ["k=NaN", "k=1e400", "k=" + "9" * 5000, "k=%00", "k=%ED%A0%BD", "category=%ED%A0%BD", "category=%0a%ff"],
)
def test_an_odd_address_gets_422_and_a_line(client, query):
    answer = client.post(f"/search/text?{query}", json={"title": "soup"})
    assert answer.status_code == 422 and answer.json()["detail"].isprintable()


def test_a_content_length_beyond_all_numbers(client):
    for length in ("9" * 5000, "-1", "1_0", ""):
        answer = client.post("/search/photo", content=b"x", headers={"content-length": length})
        assert answer.status_code == 413


def test_a_byte_order_mark_and_a_nul_do_not_matter(client):
    plain = client.post("/search/text", json={"title": "tomato soup"}).json()
    odd = client.post("/search/text", content=b'\xef\xbb\xbf{"title": "tomato\\u0000 soup"}').json()
    assert odd == plain


@pytest.mark.parametrize("text", ["asdfghjkl", "\u5bff\u53f8", "the the the", "1 2 3", "\U0001f35d"])
def test_gibberish_is_not_answered(client, text):
    for asked in ({"title": text}, {"ingredients": [text]}, {"instructions": [text]}):
        answer = client.post("/search/text", json=asked)
        assert answer.status_code == 422 and f"no word of '{text}' is known" in answer.json()["detail"]


def test_words_that_are_not_known_are_named(client, search):
    answer = client.post("/search/text", json={"title": "asdfghjkl", "ingredients": ["2 tomatoes"]})
    assert answer.status_code == 200 and answer.json()["unknown"] == ["asdfghjkl"]
    assert client.post("/search/text", json={"title": "tomato soup"}).json()["unknown"] == []
    assert client.post("/search/photo", content=photo(search)).json()["unknown"] == []


def test_what_is_like_nothing_learnt_is_answered_with_a_doubt(client, search, chessboard):
    answer = client.post("/search/photo?k=2", content=chessboard.read_bytes()).json()
    (doubt,) = answer["doubts"]
    assert len(answer["recipes"]) == 2 and doubt["calibrated"] and 0.9 <= doubt["nearer"] <= 1
    assert doubt["reason"].startswith("not sure: the model learnt from nothing like this photo")
    assert client.post("/search/photo", content=photo(search)).json()["doubts"] == []
    assert client.post("/search/text", json={"title": "tomato soup"}).json()["doubts"] == []
    (doubt,) = client.post("/search/text", json={"title": "soup qwertz zzyzx asdfgh"}).json()["doubts"]
    assert "like these words" in doubt["reason"]
    described = client.get("/openapi.json").json()["components"]["schemas"]
    assert "not sure" in described["Answer"]["properties"]["doubts"]["description"]
    assert set(described["Doubt"]["properties"]) == set(doubt)


def test_in_a_batch_gibberish_is_refused_alone(search):
    async def ask():
        made = engine.Engine(search)
        async with made.working(None):
            texts = ("tomato soup", "asdfghjkl", "\u5bff\u53f8", "salad")
            asked = [made.text(RecipeText(text)) for text in texts]
            return await asyncio.gather(*asked, return_exceptions=True)

    soup, *nothing, salad = asyncio.run(ask())
    assert [type(one) for one in nothing] == [NothingKnown] * 2
    alone = search.model.embed_recipes([RecipeText("tomato soup"), RecipeText("salad")])
    np.testing.assert_allclose([soup[0], salad[0]], alone, atol=1e-5)


def test_an_unknown_category_and_a_k_beyond(client):
    assert client.post("/search/text?category=nope", json={"title": "soup"}).status_code == 422
    assert client.post("/search/text?k=101", json={"title": "soup"}).status_code == 422


def test_health_metrics_and_headers(client):
    assert client.get("/health").json()["status"] == "ok"
    client.post("/search/text", json={"title": "soup"})
    told = client.get("/metrics").text
    assert 'seje_requests_total{route="/search/text",status="200"} 1.0' in told and "seje_waiting 0.0" in told
    page = client.get("/")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "http" not in page.text and "http" not in client.get("/page.js").text


@pytest.mark.parametrize("served", ["127.0.0.1", "localhost", "::1"])
def test_names_of_this_machine_are_one_and_others_are_refused(search, served):
    with TestClient(create(search, None, [served])) as client:
        for name in ("127.0.0.1", "localhost", "LOCALHOST", "[::1]"):
            for port in ("", ":8000"):
                assert client.get("/health", headers={"host": name + port}).status_code == 200
        for name in ("evil.example", "localhost.evil.example", "192.168.0.7", "[2001:db8::1]", "[::1", ""):
            refused = client.get("/health", headers={"host": name})
            assert refused.status_code == 400 and refused.json()["detail"]


BASIC = {"authorization": "Basic secret"}


def test_a_token_is_asked_for(search):
    with TestClient(create(search, "secret", ["*"]), base_url="http://127.0.0.1") as client:
        assert client.get("/health").status_code == 200
        for wrong in ({}, {"authorization": "Bearer no"}, {"cookie": "seje_token=no"}, BASIC):
            refused = client.post("/search/text", json={"title": "soup"}, headers=wrong)
            assert refused.status_code == 401 and refused.headers["www-authenticate"] == "Bearer"
        assert client.post("/search/text?token=secret", json={"title": "soup"}).status_code == 401
        for good in (
            {"authorization": "Bearer secret"},
            {"authorization": "bearer  secret"},
            {"authorization": "BEARER secret", "cookie": "seje_token=no"},
            {"authorization": "Basic dXNlcjp3b3Jk", "cookie": "seje_token=secret"},
        ):
            assert client.post("/search/text", json={"title": "soup"}, headers=good).status_code == 200


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", 1), ("LocalHost", 1), ("::1", 1), ("0.0.0.0", 0), ("::", 0), ("[::]", 0), ("", 0)],
)
def test_beyond_this_machine_a_token_is_needed(small_pipeline, monkeypatch, host, own):
    assert is_loopback(host) == bool(own)
    if not own:
        monkeypatch.chdir(small_pipeline)
        done = CliRunner().invoke(cli, ["serve", "--host", host])
        assert done.exit_code == 2 and "give --token" in done.stderr


def test_at_an_ipv6_address_it_answers_and_told_to_stop_it_ends_cleanly(small_pipeline, tmp_path):
    command = [sys.executable, "-m", "seje", "serve", "--port", "0", "--host", "[::1]"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with (tmp_path / "told").open("w+") as told:
        running = subprocess.Popen(command, cwd=small_pipeline, env=environment, stdout=told, stderr=told)
        while not (address := re.search(r"http://\[::1\]:\d+", (tmp_path / "told").read_text())):
            assert running.poll() is None, (tmp_path / "told").read_text()
            time.sleep(0.05)
        assert httpx.get(f"{address[0]}/health").status_code == 200
        running.terminate()
        assert running.wait(timeout=15) in (0, -signal.SIGTERM)
    assert "Traceback" not in (tmp_path / "told").read_text()


def test_an_address_that_cannot_be_listened_at_is_told_before_the_model_is_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(small_params())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for wrong, told in {
            ("--port", port): f"cannot listen at 127.0.0.1, port {port}: Address already in use",
            ("--host", "no such host", "--token", "x"): "cannot listen at no such host, port 8000",
            ("--host", "n" * 300, "--token", "x"): "cannot listen at nnn",
            ("--token", "cr\u00e8me"): "--token",
            ("--token", "two words"): "--token",
        }.items():
            done = CliRunner().invoke(cli, ["serve", *wrong])
            assert done.exit_code == 2 and told in done.stderr and len(done.stderr.splitlines()) == 1


def test_when_too_many_wait_the_answer_is_503(search, monkeypatch):
    monkeypatch.setattr(engine, "WAITING", 0)
    with TestClient(create(search, None, ["*"])) as client:
        for answer in (
            client.post("/search/text", json={"title": "soup"}),
            client.post("/search/photo", content=photo(search)),
        ):
            assert answer.status_code == 503 and answer.headers["retry-after"] == "1"


def test_requests_at_the_same_time_go_in_one_batch():
    sizes = []

    def embed(items):
        sizes.append(len(items))
        if "bad" in items:
            raise ValueError("bad")
        return np.array([[item] for item in items], np.float32)

    async def ask():
        with ThreadPoolExecutor(1) as executor:
            batcher = Batcher(embed, executor, together=4, waiting=6)
            worker = asyncio.create_task(batcher.run())
            asked = [asyncio.create_task(batcher(number)) for number in range(6)]
            await asyncio.sleep(0)
            with pytest.raises(Full):
                await batcher(6)
            assert [int((await one)[0]) for one in asked] == list(range(6))
            with pytest.raises(ValueError):
                await batcher("bad")
            assert float((await batcher(7))[0]) == 7  # it goes on after an error
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)

    asyncio.run(ask())
    assert sizes == [4, 2, 1, 1]


@pytest.fixture(scope="module", params=[{}, {"authorization": "Bearer secret"}], ids=["open", "token"])
def asked(request, search):
    """A server's address, and the headers that it is asked with."""
    with served(create(search, "secret" if request.param else None, ["*"])) as address:
        yield address, request.param


def test_no_5xx_for_anything_that_fits_the_description(asked):
    address, headers = asked
    described = schemathesis.openapi.from_url(f"{address}/openapi.json", headers=headers)
    operations = [found.ok() for found in described.get_all_operations()]
    assert {operation.path for operation in operations} == {
        "/search",
        "/samples",
        "/model",
        "/search/photo",
        "/search/text",
        "/recipes/{recipe}",
        "/photos/{photo}",
        "/health",
    }
    seen = set()
    for operation in operations:

        @settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def check(case):
            status = case.call(headers=headers).status_code
            seen.add(status)
            assert status < 500

        check()
    assert {200, 404, 422} <= seen
