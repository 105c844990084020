"""HEAD: the answer that GET would give, without its body."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Head:
    """Asks for what HEAD asks for as GET does, and sends no more than the headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return await self.app(scope, receive, send)

        async def without_body(message: Message) -> None:
            """Send headers as they are, and of the body nothing."""
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self.app({**scope, "method": "GET"}, receive, without_body)
