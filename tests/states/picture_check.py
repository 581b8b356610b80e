"""The operator's check of pictures: it holds those that are taller than wide."""

import io
from collections.abc import Mapping

from PIL import Image

from app.integrations.outbound_http import OutboundAnswer, OutboundHttp

WIDE, TALL = (40, 30), (30, 40)


class HoldsTallPictures(OutboundHttp):
    async def post(
        self,
        url: str,
        content: bytes,
        headers: Mapping[str, str],
        *,
        most_bytes: int,
        loopback_is_allowed: bool,
    ) -> OutboundAnswer:
        width, height = Image.open(io.BytesIO(content)).size
        decision = b"hold" if height > width else b"pass"
        return OutboundAnswer(200, b'{"decision": "%s"}' % decision)
