"""A small, lively Japanese community to look at, for an empty database in development."""

from app.core.runtime import Runtime


async def seed_if_empty(runtime: Runtime) -> list[tuple[str, str, str]]:
    """Being written."""
    return []
