"""The application: routes, and the life of what they share."""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from seje.search.nearest import Search
from seje.web.asking import asking
from seje.web.engine import Engine
from seje.web.head import Head
from seje.web.limits import HEADERS, BodyLimit, Hosts, admitted
from seje.web.metrics import ServerMetrics
from seje.web.pages import pages
from seje.web.refusals import refusals
from seje.web.showing import showing

UPLOAD_BYTES = 20 * 2**20
OPEN = {"/", "/page.css", "/icon.svg", "/health"}  # to all: `/` asks for the token itself


def create(
    search: Search, token: str | None, hosts: list[str], images: Path | None = None, workers: int = 1
) -> FastAPI:
    """Make the application.

    Args:
        search: what it asks.
        token: what clients must know; None lets all in.
        hosts: names under which it may be asked, against rebinding of names; `*` for any.
        images: the folder of the corpus's photos, whose originals are shown; None: the stored ones are.
        workers: processes that share the machine with this one, itself among them.
    """
    engine = Engine(search, images, workers)
    measures = ServerMetrics()
    app = FastAPI(title="SEJE", version="0.1.0", docs_url=None, redoc_url=None, lifespan=engine.working)
    app.add_middleware(BodyLimit, most=UPLOAD_BYTES)
    app.add_middleware(Head)
    app.add_middleware(Hosts, names=hosts)
    _guard(app, engine, measures, token)
    refusals(app)
    pages(app, token)
    asking(app, engine)
    showing(app, engine, measures)
    return app


def _guard(app: FastAPI, engine: Engine, measures: ServerMetrics, token: str | None) -> None:
    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        """Answer only who may ask; count and time the answer, and add the headers of safety."""
        start = time.perf_counter()
        measures.waiting.set(engine.waiting())
        if request.url.path in OPEN or admitted(request, token):
            response = await call_next(request)
        else:
            needed = {"detail": "a token is needed: Authorization: Bearer TOKEN, or the form at /"}
            response = JSONResponse(needed, 401, {"www-authenticate": "Bearer"})
        route = getattr(request.scope.get("route"), "path", "other")
        measures.requests.labels(route, response.status_code).inc()
        measures.seconds.labels(route).observe(time.perf_counter() - start)
        measures.waiting.set(engine.waiting())
        response.headers.update(HEADERS)
        return response
