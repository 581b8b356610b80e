"""Calls an app without a server. A client of a stream hangs up after the first event."""

import asyncio
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from app.web.event_stream import LIVE_PATH


class AppTransport(httpx.ASGITransport):
    """httpx waits for the end of an answer, which a stream has only when its client leaves."""

    def __init__(self, app: FastAPI) -> None:
        async def leaving(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path"] != LIVE_PATH:
                await app(scope, receive, send)
                return
            has_event = asyncio.Event()

            async def receive_until_event() -> Message:
                await has_event.wait()
                return {"type": "http.disconnect"}

            async def send_and_notice(message: Message) -> None:
                await send(message)
                if message.get("body"):
                    has_event.set()

            await app(scope, receive_until_event, send_and_notice)

        target: Any = leaving
        super().__init__(target)
