"""The routes that ask: a question's parts in the address, a photo as the body."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request

from seje.corpus.cleaning import clean
from seje.data.recipe_text import TEXT
from seje.errors import SejeError
from seje.model.recipe_encoder import RecipeText, recipe_of
from seje.web.engine import Engine
from seje.web.multipart import upload
from seje.web.refusals import asked
from seje.web.schemas import Answer, Question, Refusal, TextQuery

Count = Annotated[int, Query(alias="k", ge=1, le=100, description="How many of each.")]
Asked = Annotated[TextQuery, Depends(asked)]
Category = Annotated[str | None, Query(max_length=200, description="Of this category alone.")]
Asking = Annotated[Question, Query()]
REFUSED: dict[int | str, dict[str, Any]] = {status: {"model": Refusal} for status in (413, 422, 503)}

FILE = {"type": "string", "format": "binary"}
FORM = {"schema": {"type": "object", "properties": {"photo": FILE}, "required": ["photo"]}}
PHOTO = {
    "requestBody": {"required": True, "content": {"image/*": {"schema": FILE}, "multipart/form-data": FORM}}
}
RECIPE = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": TextQuery.model_json_schema()}},
    }
}


def asking(app: FastAPI, engine: Engine) -> None:
    """Add the routes."""

    @app.get("/search", response_model=Answer, responses=REFUSED)
    async def search(question: Asking) -> Any:
        """Find by words, ingredients, a recipe or a photo of the index, or all of them together."""
        return await _answer(engine, question, [])

    @app.post("/search", response_model=Answer, responses=REFUSED, openapi_extra=PHOTO)
    async def search_with_photo(request: Request, question: Asking) -> Any:
        """Find by a photo, sent as the body or as the field `photo` of a form, and what the address adds."""
        return await _answer(engine, question, [await upload(request)])

    @app.post("/search/photo", response_model=Answer, responses=REFUSED, openapi_extra=PHOTO)
    async def search_photo(request: Request, k: Count = 10, category: Category = None) -> Any:
        """Find by a photo alone, sent as the body or as the field `photo` of a form, in any usual format."""
        return await _answer(engine, Question(k=k, category=category), [await upload(request)])

    @app.post("/search/text", response_model=Answer, responses=REFUSED, openapi_extra=RECIPE)
    async def search_text(query: Asked, k: Count = 10, category: Category = None) -> Any:
        """Find by a recipe or words."""
        recipe = recipe_of(query.model_dump())
        if not recipe:
            raise SejeError("nothing asked: give a title, ingredients or instructions")
        return await engine.answer(await engine.all([recipe]), [], [recipe], k, category)


async def _answer(engine: Engine, question: Question, photos: list[bytes]) -> Any:
    """Answer what is asked: everything added up, less what is taken away."""
    words = RecipeText(clean(question.q), _cleaned(question.ingredient))
    recipes = [recipe for recipe in (words, _own(engine, question.recipe)) if recipe]
    more = [RecipeText(text) for text in _cleaned(question.plus)]
    asked = await engine.all([*recipes, *more, *photos, *_photo(engine, question.photo)])
    less = await engine.all([RecipeText(text) for text in _cleaned(question.minus)])
    return await engine.answer(asked, less, [*recipes, *more], question.k, question.category)


def _cleaned(lines: Sequence[str]) -> list[str]:
    return [line for line in map(clean, lines) if line]


def _own(engine: Engine, recipe: str | None) -> RecipeText | None:
    """Give the text of a recipe of the index."""
    if not recipe:
        return None
    try:
        own = engine.search.recipe(recipe)
    except KeyError:
        raise SejeError("no recipe of the index has this id") from None
    return RecipeText(**{part: own[part] for part in TEXT})


def _photo(engine: Engine, photo: str | None) -> list[bytes]:
    """Give a photo of the index, if one is asked with."""
    try:
        return [engine.search.photo(photo)] if photo else []
    except KeyError:
        raise SejeError("no photo of the index has this name") from None
