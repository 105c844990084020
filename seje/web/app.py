"""The application: routes, and the life of what they share."""

import time
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from prometheus_client import generate_latest
from starlette.middleware.trustedhost import TrustedHostMiddleware

from seje.data.photos import BadPhoto
from seje.errors import SejeError
from seje.search import Search
from seje.text.reader import recipe_of
from seje.web.batching import Full
from seje.web.engine import Engine
from seje.web.limits import COOKIE, HEADERS, BodyLimit, check_token
from seje.web.measures import Measures
from seje.web.schemas import Answer, Health, Recipe, Refusal, TextQuery

UPLOAD_BYTES = 20 * 2**20

Count = Annotated[int, Query(alias="k", ge=1, le=100, description="How many of each.")]
Category = Annotated[str | None, Query(max_length=200, description="Of this category alone.")]


def create(search: Search, token: str | None, hosts: list[str]) -> FastAPI:
    """Make the application.

    Args:
        search: what it asks.
        token: what clients must know; None lets all in.
        hosts: names under which it may be asked, against rebinding of names; `*` for any.
    """
    engine = Engine(search)
    measures = Measures(engine.waiting)
    app = FastAPI(title="SEJE", version="0.1.0", docs_url=None, redoc_url=None, lifespan=engine.working)
    app.add_middleware(BodyLimit, most=UPLOAD_BYTES)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts)
    _guard(app, measures, token)
    _pages(app, token)
    _rest(app, engine, measures)
    return app


def _guard(app: FastAPI, measures: Measures, token: str | None) -> None:
    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        """Answer only who may ask; count and time the answer, and add the headers of safety."""
        start = time.perf_counter()
        try:
            check_token(request, token)
        except HTTPException as error:
            response: Response = JSONResponse({"detail": error.detail}, error.status_code)
        else:
            response = await call_next(request)
        route = getattr(request.scope.get("route"), "path", "other")
        measures.requests.labels(route, response.status_code).inc()
        measures.seconds.labels(route).observe(time.perf_counter() - start)
        response.headers.update(HEADERS)
        return response

    @app.exception_handler(Full)
    async def full(_: Request, __: Exception) -> Response:
        """Say that too many wait, 503."""
        return JSONResponse({"detail": "too many requests wait: try again"}, 503, {"retry-after": "1"})

    @app.exception_handler(BadPhoto)
    async def bad_photo(_: Request, reason: Exception) -> Response:
        """Say what is wrong with a photo, 400."""
        return JSONResponse({"detail": f"the photo cannot be used: {reason}"}, 400)

    @app.exception_handler(SejeError)
    async def wrong(_: Request, reason: Exception) -> Response:
        """Say what is wrong with a request, 400."""
        return JSONResponse({"detail": str(reason)}, 400)


def _pages(app: FastAPI, token: str | None) -> None:
    names = ("page.html", "page.js", "page.css")
    page = {name: files("seje.web").joinpath(name).read_text("utf-8") for name in names}

    @app.get("/", include_in_schema=False)
    async def index(request: Request) -> Response:
        """Give the search page; a token in the address goes into a cookie first."""
        if token and "token" in request.query_params:
            answer: Response = RedirectResponse("/", 303)
            answer.set_cookie(COOKIE, token, httponly=True, samesite="strict")
            return answer
        return HTMLResponse(page["page.html"])

    @app.get("/favicon.ico", include_in_schema=False)
    async def icon() -> Response:
        """Say that there is no icon."""
        return Response(status_code=204)

    @app.get("/page.js", include_in_schema=False)
    async def script() -> Response:
        """Give the page's script."""
        return Response(page["page.js"], media_type="text/javascript")

    @app.get("/page.css", include_in_schema=False)
    async def style() -> Response:
        """Give the page's style."""
        return Response(page["page.css"], media_type="text/css")


def _rest(app: FastAPI, engine: Engine, measures: Measures) -> None:
    refused: dict[int | str, dict[str, Any]] = {status: {"model": Refusal} for status in (400, 413, 503)}
    missing: dict[int | str, dict[str, Any]] = {404: {"model": Refusal}}
    content = {"image/*": {"schema": {"type": "string", "format": "binary"}}}
    binary = {"requestBody": {"required": True, "content": content}}

    @app.post("/search/photo", response_model=Answer, responses=refused, openapi_extra=binary)
    async def search_photo(request: Request, k: Count = 10, category: Category = None) -> Any:
        """Find by a photo, sent as the body: any format that Pillow reads."""
        return await engine.answer(await engine.photo(await request.body()), k, category)

    @app.post("/search/text", response_model=Answer, responses=refused)
    async def search_text(query: TextQuery, k: Count = 10, category: Category = None) -> Any:
        """Find by a recipe or words."""
        recipe = recipe_of(query.model_dump())
        if not recipe:
            raise HTTPException(400, "nothing asked: give a title, ingredients or instructions")
        return await engine.answer(await engine.text(recipe), k, category)

    @app.get("/recipes/{recipe}", response_model=Recipe, responses=missing)
    def recipe(recipe: str) -> Any:
        """Give a recipe with its key terms."""
        try:
            return engine.search.recipe(recipe)
        except KeyError:
            raise HTTPException(404, "no recipe has this id") from None

    @app.get("/photos/{photo}", responses=missing, response_class=Response)
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
