"""Where the benchmarks run: the folder of their data, the commit, the server's version."""

import subprocess

import asyncpg

from bench.requests.community import superuser
from bench.requests.servers import ROOT

FOLDER = ROOT / ".bench"
"""Holds the databases, which later runs use again. Remove it to get the space back."""


def git(*command: str) -> str:
    return subprocess.check_output(["git", *command], cwd=ROOT, text=True).strip()


async def version_of(url: str) -> str:
    connection = await asyncpg.connect(superuser(url))
    try:
        return str(await connection.fetchval("SHOW server_version")).split()[0]
    finally:
        await connection.close()
