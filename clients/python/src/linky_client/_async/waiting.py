"""Locks and sleeping, for asyncio."""

from asyncio import Lock, sleep

__all__ = ["Lock", "sleep"]
