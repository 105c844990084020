"""Clients that are slow, many or gone, over real sockets: none of them keeps anything from others."""

import socket
import time
from contextlib import closing
from urllib.parse import urlsplit

import httpx
import pytest
from conftest import served

from seje.web import patience
from seje.web.app import create
from seje.web.patience import Patient

pytestmark = pytest.mark.slow
WHOLE = b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n"
UPLOAD = b"POST /search/photo HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1000\r\n\r\n"


@pytest.fixture
def address(search, monkeypatch):
    for name in ("HEADERS", "BODY", "READING"):
        monkeypatch.setattr(patience, name, 0.5)
    with served(create(search, None, ["127.0.0.1"]), http=Patient) as given:
        yield given


def connect(address):
    at = urlsplit(address)
    return closing(socket.create_connection((at.hostname, at.port), timeout=20))


def is_dropped(held):
    try:
        return held.recv(1000) == b""
    except ConnectionResetError:
        return True


def received(held):
    answer = b""
    while not answer.endswith(b"}"):
        answer += held.recv(10_000)
    return answer


@pytest.mark.parametrize("sent", [b"", b"GET", WHOLE, UPLOAD, UPLOAD + b"x" * 10], ids=range(5))
def test_a_client_that_sends_no_end_is_dropped(address, sent):
    with connect(address) as held:
        held.sendall(sent)
        assert is_dropped(held)


def test_one_that_sends_a_byte_now_and_then_is_dropped_too(address):
    with connect(address) as held, pytest.raises(ConnectionError):
        held.sendall(UPLOAD)
        for _ in range(200):
            held.sendall(b"x")
            time.sleep(0.05)


def test_one_that_is_in_time_asks_again_and_again(address):
    with connect(address) as held:
        for _ in range(3):
            held.sendall(WHOLE[:20])
            time.sleep(0.1)
            held.sendall(WHOLE[20:] + b"\r\n")
            assert received(held).startswith(b"HTTP/1.1 200")
            time.sleep(0.3)


def test_one_that_does_not_read_its_answer_is_dropped(address):
    asked = b"GET /openapi.json HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
    with connect(address) as held, pytest.raises(ConnectionError):
        for _ in range(100_000):  # until the buffers of both sides are full, and the server has waited
            held.sendall(asked)


def test_slow_ones_keep_nothing_from_others_and_more_than_may_are_closed(address, monkeypatch):
    monkeypatch.setattr(patience, "CONNECTIONS", 50)
    monkeypatch.setattr(patience, "HEADERS", 20)
    slow = [socket.create_connection((urlsplit(address).hostname, urlsplit(address).port)) for _ in range(40)]
    try:
        for held in slow:
            held.sendall(b"GET")
        assert httpx.get(f"{address}/search?q=soup").status_code == 200
        more = [socket.create_connection(held.getpeername(), timeout=20) for held in slow[:20]]
        assert sum(map(is_dropped, more[-5:])) == 5
    finally:
        for held in [*slow, *more]:
            held.close()


def test_an_upload_that_breaks_off_leaves_no_traceback(address, capfd, caplog):
    for _ in range(3):
        with connect(address) as held:
            held.sendall(UPLOAD + b"x" * 10)
            time.sleep(0.1)
    time.sleep(0.3)
    assert httpx.get(f"{address}/health").status_code == 200
    assert "Traceback" not in capfd.readouterr().err and not caplog.records
