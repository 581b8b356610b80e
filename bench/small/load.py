"""Full load for some seconds: all kinds of requests, and uploads of the largest pictures."""

import asyncio
import io
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from random import Random

from PIL import Image
from pillow_heif import register_heif_opener

from bench.requests.cases import CASES, Asker
from bench.requests.client import Request, send, send_burst
from bench.requests.community import Viewer
from bench.small.processes import memory_of
from tests.support.photos import noisy

READERS, UPLOADERS = 8, 4
"""Connections of each. Linky lets twelve uploads in, and renders one at a time."""

BURST = 40
SAMPLE_SECONDS = 0.05
LARGEST = (5000, 5000)
"""25 megapixels, as many as Linky takes."""

_BORDER = "linky-bench-border"
_OTHERS = {"WEBP": "image/webp", "PNG": "image/png", "HEIF": "image/heic"}
_USUAL = [case for case in CASES if case.name not in ("refresh", "post with pictures")]
"""Without those that use up what was prepared."""


@dataclass(slots=True)
class Loaded:
    requests: int = 0
    uploads: int = 0
    peak: int = 0
    """Bytes of all processes together, at most."""


def pictures() -> list[tuple[str, bytes]]:
    """The largest picture in each format: its media type and its bytes, under 10 MiB."""
    register_heif_opener()
    noise = noisy(*LARGEST)
    # Noise would take a minute to encode, and in a PNG more than 10 MiB.
    smooth = Image.open(io.BytesIO(noise)).resize((50, 50)).resize(LARGEST)
    made = [("image/jpeg", noise)]
    for name, kind in _OTHERS.items():
        out = io.BytesIO()
        smooth.save(out, name)
        made.append((kind, out.getvalue()))
    return made


async def load(
    port: int, pids: Sequence[int], asker: Asker, files: Sequence[tuple[str, bytes]], seconds: float
) -> Loaded:
    """Send requests for so many seconds, and watch the memory of the processes."""
    loaded, ends = Loaded(), time.monotonic() + seconds
    async with watching(pids, loaded), asyncio.TaskGroup() as tasks:
        tasks.create_task(_ask(port, asker, loaded, ends))
        for number in range(UPLOADERS if files else 0):
            tasks.create_task(_upload(port, asker, files, number, loaded, ends))
    return loaded


@asynccontextmanager
async def watching(pids: Sequence[int], loaded: Loaded) -> AsyncIterator[None]:
    async def watch() -> None:
        while True:
            loaded.peak = max(loaded.peak, sum(map(memory_of, pids)))
            await asyncio.sleep(SAMPLE_SECONDS)

    task = asyncio.create_task(watch())
    try:
        yield
    finally:
        task.cancel()


async def _ask(port: int, asker: Asker, loaded: Loaded, ends: float) -> None:
    cases, chance = cycle(_USUAL), Random(1)
    while time.monotonic() < ends:
        requests = [next(cases).make(asker, chance) for _ in range(BURST)]
        await send_burst(port, requests, READERS)
        loaded.requests += len(requests)


async def _upload(
    port: int,
    asker: Asker,
    files: Sequence[tuple[str, bytes]],
    number: int,
    loaded: Loaded,
    ends: float,
) -> None:
    viewers = cycle(asker.community.viewers[number::UPLOADERS])
    turns = cycle([*files[number:], *files[:number]])
    while time.monotonic() < ends:
        kind, data = next(turns)
        await send(port, _upload_of(asker, next(viewers), kind, data))
        loaded.uploads += 1


def _upload_of(asker: Asker, viewer: Viewer, kind: str, data: bytes) -> Request:
    head = f'--{_BORDER}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n'
    body = f"{head}Content-Type: {kind}\r\n\r\n".encode() + data + f"\r\n--{_BORDER}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={_BORDER}"}
    return asker.of(viewer, "POST", "/images", headers=headers, expected=201, body=body)
