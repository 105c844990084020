"""The search page, and the form that asks for the token where one is needed.

The token goes into a cookie, `lax`: it comes along when a link elsewhere leads here, which only reads, and
with nothing else that another site makes a browser send. A form sent from another site can at most set the
cookie of one who sends the right token. No address keeps a token: one that bears it is left at once.
"""

from importlib.resources import files
from urllib.parse import parse_qs, parse_qsl, urlencode

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from seje.look.document import LOOK
from seje.web.limits import COOKIE, admitted, is_token

FOLDER = files("seje.web").joinpath("page")
KINDS = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
FIELDS = 300  # of an address
WRONG = "This is not the token."


def pages(app: FastAPI, token: str | None) -> None:
    """Add the routes of the page and its parts."""
    form, page, reference = (
        FOLDER.joinpath(f"{name}.html").read_text("utf-8") for name in ("token", "page", "reference")
    )

    def opened(request: Request, given: str) -> Response:
        """Leave for the address without a token, with the cookie where the token is right."""
        answer = RedirectResponse(_without_token(request), 303)
        if token and is_token(given, token):
            safe = request.url.scheme == "https"
            answer.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=safe)
        return answer

    @app.get("/", include_in_schema=False)
    async def index(request: Request) -> Response:
        """Give the search page, or the form; a token in the address goes into a cookie first."""
        if "token" in request.query_params:
            return opened(request, request.query_params["token"])
        if not admitted(request, token):
            return HTMLResponse(form, 401)
        return HTMLResponse(page)

    @app.post("/", include_in_schema=False)
    async def enter(request: Request) -> Response:
        """Take the token from the form."""
        given = _field(await request.body(), "token")
        if token and not is_token(given, token):
            return HTMLResponse(form.replace('role="status">', f'role="status">{WRONG}'), 401)
        return opened(request, given)

    @app.get("/reference", include_in_schema=False)
    async def rest() -> Response:
        """Give the page that describes the REST interface."""
        return HTMLResponse(reference)

    for part in (*FOLDER.iterdir(), *LOOK.iterdir()):
        if (ending := part.name.rpartition(".")[2]) in KINDS:
            _serve(app, part.name, part.read_bytes(), KINDS[ending])


def _serve(app: FastAPI, name: str, content: bytes, kind: str) -> None:
    """Add the route of a part of the page; browsers ask anew whether it has changed."""

    @app.get(f"/{name}", include_in_schema=False)
    async def part() -> Response:
        """Give the part."""
        return Response(content, media_type=kind, headers={"cache-control": "no-cache"})


def _without_token(request: Request) -> str:
    """Give the address of the page with the question that the request's address holds."""
    try:
        asked = parse_qsl(request.url.query, max_num_fields=FIELDS)
    except ValueError:  # too many fields
        asked = []
    kept = urlencode([(name, value) for name, value in asked if name != "token"], errors="replace")
    return f"/?{kept}" if kept else "/"


def _field(body: bytes, name: str) -> str:
    """Read a field of a form; empty where there is none."""
    try:
        return parse_qs(body.decode(errors="replace"), max_num_fields=8).get(name, [""])[0]
    except ValueError:  # too many fields
        return ""
