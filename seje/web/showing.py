"""The routes that show: recipes, photos, samples, what the model is, and how the server does."""

from functools import cache
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Response

from seje.model.card import trained_on
from seje.search.nearest import Search
from seje.web.engine import Engine
from seje.web.metrics import ServerMetrics
from seje.web.schemas import Health, Recipe, Refusal, Samples, Trained

PHOTOS, QUESTIONS = 6, 4  # of a sample
MISSING: dict[int | str, dict[str, Any]] = {404: {"model": Refusal}}
CACHED = {"cache-control": "private, max-age=3600"}
Size = Annotated[
    int | None,
    Query(
        ge=16, le=1600, description="Shorter side in pixels, at most; without: as small as the model sees it."
    ),
]


def showing(app: FastAPI, engine: Engine, measures: ServerMetrics) -> None:
    """Add the routes."""
    of = cache(_samples)

    @app.get("/recipes/{recipe:path}", response_model=Recipe, responses=MISSING)
    def recipe(recipe: str) -> Any:
        """Give a recipe with its key terms."""
        try:
            return engine.search.recipe(recipe)
        except KeyError:
            raise HTTPException(404, "no recipe has this id") from None

    @app.get("/photos/{photo:path}", responses=MISSING, response_class=Response)
    async def photo(photo: str, size: Size = None) -> Response:
        """Give a photo as JPEG: with a size the original, where the corpus has it, else the stored one."""
        try:
            jpeg = await engine.shown(photo, size) if size else engine.search.photo(photo)
        except KeyError:
            raise HTTPException(404, "no photo has this name") from None
        return Response(jpeg, media_type="image/jpeg", headers=CACHED)

    @app.get("/samples", response_model=Samples)
    def samples() -> Any:
        """Give a few photos and titles of the index to ask with, always the same."""
        return of(engine.search)

    @app.get("/model", response_model=Trained)
    def model() -> Any:
        """Say what the model is and what it was trained on."""
        folder = engine.search.model.folder
        card = folder.card()
        about = {key: folder.about.get(key) for key in ("dimensions", "licence", "source")}
        return {**about, "fingerprint": folder.fingerprint, "card": card, "trained_on": trained_on(card)}

    @app.get("/health", response_model=Health)
    async def health() -> Any:
        """Say that all is well."""
        return {"status": "ok", "categories": engine.search.categories, **engine.search.sizes()}

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        """Give the counts and times of requests in Prometheus' format."""
        return Response(measures.text(), media_type="text/plain; version=0.0.4")


def _samples(search: Search) -> dict[str, Any]:
    titles = [hit["title"] for hit in search.samples("recipes", QUESTIONS)]
    return {"photos": search.samples("photos", PHOTOS), "questions": titles}
