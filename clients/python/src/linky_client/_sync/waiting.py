"""Locks and sleeping, for threads."""

from threading import Lock
from time import sleep

__all__ = ["Lock", "sleep"]
