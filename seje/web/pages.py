"""The search page, and the form that asks for the token where one is needed.

The token goes into a cookie, `lax`: it comes along when a link elsewhere leads here, which only reads, and
with nothing else that another site makes a browser send. A form sent from another site can at most set the
cookie of one who sends the right token. No address keeps a token: one that bears it is left at once.
"""

from importlib.resources import files
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from seje.web.limits import COOKIE, admitted, is_token

NAMES = ("page.html", "page.js", "page.css", "token.html")
WRONG = "This is not the token."


def pages(app: FastAPI, token: str | None) -> None:
    """Add the routes of the page and its parts."""
    page = {name: files("seje.web").joinpath(name).read_text("utf-8") for name in NAMES}
    form = page["token.html"]

    def opened(request: Request, given: str) -> Response:
        """Leave for the plain address, with the cookie where the token is right."""
        answer = RedirectResponse("/", 303)
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
        return HTMLResponse(page["page.html"])

    @app.post("/", include_in_schema=False)
    async def enter(request: Request) -> Response:
        """Take the token from the form."""
        given = _field(await request.body(), "token")
        if token and not is_token(given, token):
            return HTMLResponse(form.replace('role="status">', f'role="status">{WRONG}'), 401)
        return opened(request, given)

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


def _field(body: bytes, name: str) -> str:
    """Read a field of a form; empty where there is none."""
    try:
        return parse_qs(body.decode(errors="replace"), max_num_fields=8).get(name, [""])[0]
    except ValueError:  # too many fields
        return ""
