"""Puts a bar into `/docs`, to sign in there with one click."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SCRIPT = b'<script src="/dev/static/docs.js" defer></script></body>'


class DocsBar:
    """Adds our script to the page of Swagger UI, which is one small message."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/docs":
            await self._app(scope, receive, send)
            return
        start: Message | None = None

        async def with_bar(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if start is not None:
                body = message.get("body", b"").replace(b"</body>", SCRIPT, 1)
                lines = [line for line in start["headers"] if line[0] != b"content-length"]
                lines.append((b"content-length", str(len(body)).encode()))
                await send({**start, "headers": lines})
                message, start = {**message, "body": body}, None
            await send(message)

        await self._app(scope, receive, with_bar)
