"""The operator's check of pictures: it holds those that are taller than wide."""

import io
from collections.abc import Mapping

from PIL import Image

from app.integrations.hooks.base import HookAnswer, Hooks

WIDE, TALL = (40, 30), (30, 40)


class HoldsTallPictures(Hooks):
    async def post(
        self,
        url: str,
        content: bytes,
        headers: Mapping[str, str],
        *,
        most_bytes: int,
        loopback_is_allowed: bool,
    ) -> HookAnswer:
        width, height = Image.open(io.BytesIO(content)).size
        decision = b"hold" if height > width else b"pass"
        return HookAnswer(200, b'{"decision": "%s"}' % decision)
