"""The command `linky`: imports the command line fast, then runs it."""

from app.core.fast_imports import without_collecting


def main() -> None:
    with without_collecting():
        from app.cli import main as run
    run()
