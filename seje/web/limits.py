"""What keeps a server small and private: bodies of bounded size, a token, plain headers."""

import ipaddress
import secrets
from urllib.parse import urlsplit

from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "seje_token"
BODIES_AT_A_TIME = 10  # of the longest bodies, what all requests may hold
# Nothing is loaded from elsewhere; photos that a user drops are shown from memory.
HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' blob:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def is_loopback(host: str) -> bool:
    """Whether an address is of this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class BodyLimit:
    """Refuses bodies longer than `most` bytes: at once by their Content-Length, else while they come in.

    Of all requests together BODIES_AT_A_TIME times as much is held, whatever they wait for; beyond that,
    one is refused.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app, self.most = app, most
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its body counted."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if not told.isdigit() or len(told) > 18 or int(told) > self.most:
            return await self._refusal()(scope, receive, send)
        seen = 0

        async def counted() -> Message:
            """Receive the next part of the body; raises HTTPException where there is too much, 413 or 503."""
            nonlocal seen
            message = await receive()
            size = len(message.get("body", b""))
            seen, self._held = seen + size, self._held + size
            if seen > self.most:
                raise HTTPException(413, self._reason())
            if size and self._held > BODIES_AT_A_TIME * self.most:
                raise HTTPException(503, "too many uploads at once: try again", {"retry-after": "1"})
            return message

        try:
            await self.app(scope, counted, send)
        finally:
            self._held -= seen

    def _reason(self) -> str:
        return f"the upload is larger than {self.most // 2**20} MB"

    def _refusal(self) -> JSONResponse:
        return JSONResponse({"detail": self._reason()}, 413, {"connection": "close"})


def admitted(request: Request, token: str | None) -> bool:
    """Whether none is needed, or `Authorization: Bearer` or the cookie has the token.

    The cookie counts beside other schemes, as `Basic` of a proxy before this server.
    """
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    bearer = credentials.strip() if scheme.lower() == "bearer" else request.cookies.get(COOKIE, "")
    return token is None or is_token(bearer, token)


def is_token(given: str, token: str) -> bool:
    """Whether what is given is the token; takes as long for any of its length."""
    return secrets.compare_digest(given.encode(errors="replace"), token.encode())


class Hosts:
    """Refuses requests for other names than its own, against rebinding of names (400).

    `*` lets any in. Names and addresses of this machine's own loopback are one.
    """

    def __init__(self, app: ASGIApp, names: list[str]) -> None:
        self.app, self.names = app, {name.lower() for name in names}
        self._loopback = any(map(is_loopback, names))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, if it is for here."""
        if scope["type"] == "http" and not self._is_own(Headers(scope=scope).get("host", "")):
            refusal = JSONResponse({"detail": "this server is not asked under that name"}, 400)
            return await refusal(scope, receive, send)
        await self.app(scope, receive, send)

    def _is_own(self, header: str) -> bool:
        try:
            name = urlsplit(f"//{header}").hostname or ""
        except ValueError:  # a bracket that is left open
            return False
        return "*" in self.names or name in self.names or (self._loopback and is_loopback(name))
