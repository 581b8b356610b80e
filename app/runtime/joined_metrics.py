"""The metrics of all processes that serve on one socket, joined for `GET /metrics`.

The process that is asked fetches the others' through a Unix socket of each. Every sample gets the
label `process`. They are not added up: when a process is replaced its counters restart, and the sum
would shrink, which Prometheus takes for a restart of all.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

ASK_SECONDS = 1.0
MAX_METRICS_BYTES = 16 * 1024 * 1024

_FAMILY = re.compile(rb"^(?=# HELP )", re.MULTILINE)
_SAMPLE = re.compile(rb"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ", re.MULTILINE)

type Render = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class SiblingProcesses:
    """The processes of one server, of which this is one. Each has a socket in the folder."""

    folder: Path
    number: int
    count: int

    @asynccontextmanager
    async def answering(self, render: Render) -> AsyncIterator[None]:
        """Serves this process's metrics to the others."""

        async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(render())
            writer.close()

        # A process that was killed left its socket.
        path = self._path(self.number)
        path.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(answer, path)
        try:
            yield
        finally:
            server.close()

    async def joined(self, own: bytes) -> bytes:
        """The metrics of all processes that answer, and one that shows which do."""
        others = [number + 1 for number in range(self.count) if number + 1 != self.number]
        answers = await asyncio.gather(*[self._ask(number) for number in others])
        figures = {self.number: own} | dict(zip(others, answers, strict=True))
        return join({number: figures[number] for number in sorted(figures)})

    async def _ask(self, number: int) -> bytes | None:
        """None if the process does not answer."""
        try:
            async with asyncio.timeout(ASK_SECONDS):
                reader, writer = await asyncio.open_unix_connection(
                    self._path(number), limit=MAX_METRICS_BYTES
                )
                try:
                    return await reader.read(-1)
                finally:
                    writer.close()
        except OSError:  # TimeoutError is one too.
            return None

    def _path(self, number: int) -> Path:
        return self.folder / f"figures-{number}"


def join(figures: Mapping[int, bytes | None]) -> bytes:
    """Adds the label `process` to each sample, in Prometheus' text format."""
    families: dict[bytes, bytes] = {}
    for number, text in figures.items():
        for family in _FAMILY.split(text or b"")[1:]:
            help_line, type_line, *samples = family.splitlines(keepends=True)
            head = help_line + type_line
            families[head] = families.get(head, b"") + _labelled(b"".join(samples), number)
    head = (
        b"# HELP linky_process_answers Whether this process of the server gave its figures\n"
        b"# TYPE linky_process_answers gauge\n"
    )
    families[head] = b"".join(
        b'linky_process_answers{process="%d"} %d\n' % (number, text is not None)
        for number, text in figures.items()
    )
    return b"".join(head + samples for head, samples in families.items())


def _labelled(samples: bytes, number: int) -> bytes:
    def label(sample: re.Match[bytes]) -> bytes:
        others = b"," + sample[2] if sample[2] else b""
        return b'%s{process="%d"%s} ' % (sample[1], number, others)

    return _SAMPLE.sub(label, samples)
