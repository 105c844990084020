"""How a browser comes in where a token is needed: by a link that bears it, or by the form."""

import pytest
from fastapi.testclient import TestClient

from seje.web.app import create

pytestmark = pytest.mark.slow
FORM = {"content-type": "application/x-www-form-urlencoded"}
TOKEN = 'se+cr/et=;"&%1'


@pytest.fixture
def client(search):
    app = create(search, TOKEN, ["*"])
    with TestClient(app, base_url="http://127.0.0.1", follow_redirects=False) as made:
        yield made


def is_form(answer):
    return answer.status_code == 401 and 'name="token"' in answer.text and "<script" not in answer.text


def test_a_link_with_the_token_opens_the_page_and_leaves_the_address_plain(client):
    answer = client.get("/", params={"token": TOKEN})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    # Strict would not be sent after a link from another site; lax is, and with nothing else from there.
    assert "httponly" in cookie and "samesite=lax" in cookie and "secure" not in cookie
    page = client.get("/")
    assert page.status_code == 200 and "/page.js" in page.text
    assert client.post("/search/text", json={"title": "soup"}).status_code == 200


def test_without_a_token_there_is_a_form_that_lets_in(client):
    assert is_form(client.get("/"))
    assert client.get("/page.css").status_code == 200  # of the form too
    answer = client.post("/", data={"token": TOKEN})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert client.get("/page.js").status_code == client.get("/").status_code == 200


@pytest.mark.parametrize(
    "body",
    [b"token=no", b"token=%ED%A0%BD", b"", b"\xff", b"token=" + b"x" * 10**6, b"a&" * 99, b'{"token": 1}'],
)
def test_with_a_wrong_token_the_form_comes_again(client, body):
    answer = client.post("/", content=body, headers=FORM)
    assert is_form(answer) and "not the token" in answer.text and "set-cookie" not in answer.headers


def test_a_wrong_token_in_the_address_does_not_stay_there_either(client):
    answer = client.get("/?token=no")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "set-cookie" not in answer.headers and is_form(client.get("/"))


def test_all_else_stays_closed(client):
    for path in ("/page.js", "/openapi.json", "/metrics", "/recipes/x", "/photos/x", "//", "/x/../page.js"):
        assert client.get(path).status_code == 401
    assert client.get("/recipes/x", params={"token": TOKEN}).status_code == 401


def test_over_tls_the_cookie_is_for_tls_alone(search):
    with TestClient(create(search, TOKEN, ["*"]), base_url="https://x", follow_redirects=False) as client:
        assert "secure" in client.post("/", data={"token": TOKEN}).headers["set-cookie"].lower()


def test_a_server_without_a_token_asks_for_none(search):
    with TestClient(create(search, None, ["*"]), follow_redirects=False) as client:
        assert client.get("/").status_code == 200
        for answer in (client.get("/?token=x"), client.post("/", data={"token": "x"})):
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
            assert "set-cookie" not in answer.headers
