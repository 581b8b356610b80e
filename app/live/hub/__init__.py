"""The open streams of a process: one reading of the log for all of them (ADR 0077)."""

from app.live.hub.hub import Hub
from app.live.hub.streams import Stream

__all__ = ["Hub", "Stream"]
