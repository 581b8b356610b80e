"""`linky fill-notification-flags`: announced to go in 0.5.0 (docs/stability.md)."""

import typer


def fill_notification_flags() -> None:
    """Does nothing, and goes in 0.5.0. It served the way back to 0.1.0."""
    typer.echo("Nothing to do: no release reads these flags any more. The command goes in 0.5.0.")
