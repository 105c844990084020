"""Who may ask, and what is counted of each answer."""

import time

from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seje.web.engine import Engine
from seje.web.limits import HEADERS, admitted
from seje.web.metrics import ServerMetrics

OPEN = {"/", "/base.css", "/page.css", "/icon.svg", "/health"}  # to all: `/` asks for the token itself
NEEDED = {"detail": "a token is needed: Authorization: Bearer TOKEN, or the form at /"}


class Guard:
    """Answers only who may ask; counts and times the answers, and adds the headers of safety.

    It calls the application itself: the middleware of functions starts a task and two streams a request.
    """

    def __init__(self, app: ASGIApp, engine: Engine, measures: ServerMetrics, token: str | None) -> None:
        self.app, self._engine, self._measures, self._token = app, engine, measures, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        start, status = time.perf_counter(), 500

        async def sent(message: Message) -> None:
            """Add the headers, and note the status."""
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        self._measures.waiting.set(self._engine.waiting())
        if scope["path"] in OPEN or admitted(Request(scope), self._token):
            await self.app(scope, receive, sent)
        else:
            await JSONResponse(NEEDED, 401, {"www-authenticate": "Bearer"})(scope, receive, sent)
        route = getattr(scope.get("route"), "path", "other")
        self._measures.requests.labels(route, status).inc()
        self._measures.seconds.labels(route).observe(time.perf_counter() - start)
        self._measures.waiting.set(self._engine.waiting())
