"""The errors of the embedded database. Each message is one sentence for the developer."""


class EmbeddedError(Exception):
    """The embedded database can't be used. The message says why, and may name the log."""


class EmbeddedUnavailable(EmbeddedError):
    """This machine has no PostgreSQL that could be used. The message says what to set."""
