"""How what is wrong with a request is told: one line, that never repeats what was sent as it came."""

from codecs import BOM_UTF8
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from seje.errors import SejeError, one_line
from seje.photos.decoding import BadPhoto
from seje.web.batching import Full
from seje.web.schemas import TextQuery

SHOWN = 3  # mistakes of one request
WRONG = 422  # the request was understood, and what it asks cannot be answered


async def asked(request: Request) -> TextQuery:
    """Read a recipe from a JSON body; raises RequestValidationError.

    Pydantic's own parser refuses half characters, NaN where text belongs, deep nesting and other encodings
    alike, where the standard library lets some through and fails on others.
    """
    try:
        return TextQuery.model_validate_json((await request.body()).removeprefix(BOM_UTF8))
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_input=False, include_context=False)) from None


def refusals(app: FastAPI) -> None:
    """Answer what is raised on the way with its reason."""

    @app.exception_handler(Full)
    async def full(_: Request, __: Exception) -> Response:
        """Say that too many wait, 503."""
        return JSONResponse({"detail": "too many requests wait: try again"}, 503, {"retry-after": "1"})

    @app.exception_handler(ClientDisconnect)
    async def left(_: Request, __: Exception) -> Response:
        """End what was asked by a client that is gone; nobody reads this."""
        return JSONResponse({"detail": "the request ended early"}, 400)

    @app.exception_handler(BadPhoto)
    async def bad_photo(_: Request, reason: Exception) -> Response:
        """Say what is wrong with a photo."""
        return _refusal(f"the photo cannot be used: {reason}")

    @app.exception_handler(SejeError)
    async def wrong(_: Request, reason: Exception) -> Response:
        """Say what is wrong with a question."""
        return _refusal(str(reason))

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: Exception) -> Response:
        """Say what is wrong with the form of a request."""
        assert isinstance(error, RequestValidationError)
        return _refusal(_mistakes(error.errors()))


def _refusal(reason: str) -> Response:
    return JSONResponse({"detail": one_line(reason)}, WRONG)


def _mistakes(errors: Sequence[Any]) -> str:
    """Name the first mistakes; of the address they bear `query` before the name, of the body nothing."""
    told = []
    for mistake in errors[:SHOWN]:
        place = ".".join(str(part) for part in mistake["loc"] if part != "query")
        told.append(f"{place:.80}: {mistake['msg']}" if place else mistake["msg"])
    return "; ".join(told) + ("; ..." if len(errors) > SHOWN else "")
