"""What keeps a server small and private: bodies of bounded size, a token, plain headers."""

import ipaddress
import secrets

from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "seje_token"
# Nothing is loaded from elsewhere; photos that a user drops are shown from memory.
HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' blob:; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def is_loopback(host: str) -> bool:
    """Whether an address is of this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class BodyLimit:
    """Refuses bodies longer than `most` bytes: at once by their Content-Length, else while they come in."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app, self.most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its body counted."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if not told.isdigit() or int(told) > self.most:
            return await self._refusal()(scope, receive, send)
        seen = 0

        async def counted() -> Message:
            """Receive the next part of the body; raises HTTPException 413 where all of it is too large."""
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.most:
                raise HTTPException(413, self._reason())
            return message

        await self.app(scope, counted, send)

    def _reason(self) -> str:
        return f"the upload is larger than {self.most // 2**20} MB"

    def _refusal(self) -> JSONResponse:
        return JSONResponse({"detail": self._reason()}, 413, {"connection": "close"})


def check_token(request: Request, token: str | None) -> None:
    """Raise 401 where a token is needed and neither `Authorization: Bearer` nor the cookie has it."""
    if token is None or request.url.path == "/health":
        return
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    given = bearer or request.cookies.get(COOKIE, "") or request.query_params.get("token", "")
    if not secrets.compare_digest(given.encode(), token.encode()):
        raise HTTPException(401, "a token is needed: Authorization: Bearer TOKEN, or /?token=TOKEN once")
