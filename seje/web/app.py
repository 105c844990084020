"""The application: routes, and the life of what they share."""

import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import generate_latest

from seje.errors import SejeError
from seje.model.recipe_encoder import recipe_of
from seje.search.nearest import Search
from seje.web.engine import Engine
from seje.web.limits import HEADERS, BodyLimit, Hosts, admitted
from seje.web.metrics import ServerMetrics
from seje.web.pages import pages
from seje.web.refusals import asked, refusals
from seje.web.schemas import Answer, Health, Recipe, Refusal, TextQuery

UPLOAD_BYTES = 20 * 2**20
OPEN = {"/", "/page.css", "/favicon.ico", "/health"}  # to all: `/` asks for the token itself

Count = Annotated[int, Query(alias="k", ge=1, le=100, description="How many of each.")]
Asked = Annotated[TextQuery, Depends(asked)]
Category = Annotated[str | None, Query(max_length=200, description="Of this category alone.")]


def create(search: Search, token: str | None, hosts: list[str]) -> FastAPI:
    """Make the application.

    Args:
        search: what it asks.
        token: what clients must know; None lets all in.
        hosts: names under which it may be asked, against rebinding of names; `*` for any.
    """
    engine = Engine(search)
    measures = ServerMetrics(engine.waiting)
    app = FastAPI(title="SEJE", version="0.1.0", docs_url=None, redoc_url=None, lifespan=engine.working)
    app.add_middleware(BodyLimit, most=UPLOAD_BYTES)
    app.add_middleware(Hosts, names=hosts)
    _guard(app, measures, token)
    refusals(app)
    pages(app, token)
    _rest(app, engine, measures)
    return app


def _guard(app: FastAPI, measures: ServerMetrics, token: str | None) -> None:
    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        """Answer only who may ask; count and time the answer, and add the headers of safety."""
        start = time.perf_counter()
        if request.url.path in OPEN or admitted(request, token):
            response = await call_next(request)
        else:
            needed = {"detail": "a token is needed: Authorization: Bearer TOKEN, or the form at /"}
            response = JSONResponse(needed, 401, {"www-authenticate": "Bearer"})
        route = getattr(request.scope.get("route"), "path", "other")
        measures.requests.labels(route, response.status_code).inc()
        measures.seconds.labels(route).observe(time.perf_counter() - start)
        response.headers.update(HEADERS)
        return response


def _rest(app: FastAPI, engine: Engine, measures: ServerMetrics) -> None:
    refused: dict[int | str, dict[str, Any]] = {status: {"model": Refusal} for status in (413, 422, 503)}
    missing: dict[int | str, dict[str, Any]] = {404: {"model": Refusal}}
    content = {"image/*": {"schema": {"type": "string", "format": "binary"}}}
    binary = {"requestBody": {"required": True, "content": content}}
    recipe_content = {"application/json": {"schema": TextQuery.model_json_schema()}}
    written = {"requestBody": {"required": True, "content": recipe_content}}

    @app.post("/search/photo", response_model=Answer, responses=refused, openapi_extra=binary)
    async def search_photo(request: Request, k: Count = 10, category: Category = None) -> Any:
        """Find by a photo, sent as the body: any format that Pillow reads."""
        return await engine.answer(await engine.photo(await request.body()), k, category)

    @app.post("/search/text", response_model=Answer, responses=refused, openapi_extra=written)
    async def search_text(query: Asked, k: Count = 10, category: Category = None) -> Any:
        """Find by a recipe or words."""
        recipe = recipe_of(query.model_dump())
        if not recipe:
            raise SejeError("nothing asked: give a title, ingredients or instructions")
        return await engine.answer(await engine.text(recipe), k, category)

    @app.get("/recipes/{recipe:path}", response_model=Recipe, responses=missing)
    def recipe(recipe: str) -> Any:
        """Give a recipe with its key terms."""
        try:
            return engine.search.recipe(recipe)
        except KeyError:
            raise HTTPException(404, "no recipe has this id") from None

    @app.get("/photos/{photo:path}", responses=missing, response_class=Response)
    def photo(photo: str) -> Response:
        """Give a photo as JPEG, as small as the model sees it."""
        try:
            jpeg = engine.search.photo(photo)
        except KeyError:
            raise HTTPException(404, "no photo has this name") from None
        return Response(jpeg, media_type="image/jpeg", headers={"cache-control": "private, max-age=3600"})

    @app.get("/health", response_model=Health)
    async def health() -> Any:
        """Say that all is well."""
        return {"status": "ok", "categories": engine.search.categories, **engine.search.sizes()}

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        """Give the counts and times of requests in Prometheus' format."""
        return Response(generate_latest(measures.registry), media_type="text/plain; version=0.0.4")
