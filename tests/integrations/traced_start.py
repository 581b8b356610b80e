"""All of a server's start that does not need a database: with traces, then without them.

It prints how many modules the traces loaded, and the names of all that the process has.
"""

import asyncio
import os
import sys

from app.core.settings.config import Settings
from app.main import create_app
from app.runtime.runtime import Runtime
from app.runtime.tracing import traced


def run() -> None:
    # A process loads a module only once: so the start with traces has a process of its own.
    if (child := os.fork()) == 0:
        os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = sys.argv[1]
        asyncio.run(_start())
        sys.exit()
    assert os.waitpid(child, 0)[1] == 0
    asyncio.run(_start())


async def _start() -> None:
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    create_app(settings)
    runtime = Runtime.build(settings, "postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    before = len(sys.modules)
    async with traced(runtime, "linky-api"):
        print(len(sys.modules) - before, *sys.modules, end="\n\n", flush=True)
