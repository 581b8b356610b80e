"""`linky`: loads the command line, and runs it."""

import gc


def main() -> None:
    """Run a command, without having looked for garbage while the app was loaded.

    None of what is loaded is garbage before the end. Looking for it all the same takes a third
    of a start, and goes on costing while the server runs.
    """
    gc.disable()
    from app.cli import main as run

    gc.freeze()
    gc.enable()
    run()
