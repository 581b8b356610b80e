"""What can go wrong. Each message is one sentence for the person at the terminal."""


class EmbeddedError(Exception):
    """The embedded database cannot be used. `str()` says why, and where the log is if it helps."""


class EmbeddedUnavailable(EmbeddedError):
    """There is no PostgreSQL on this machine that could be embedded. `str()` says what to set."""
