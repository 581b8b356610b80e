"""The command `linky`: imports the app fast, then runs the command line."""

import gc


def main() -> None:
    """Run a command. The garbage collector is off while the app is imported.

    Modules, classes and functions live until the process ends. Collecting during the imports took
    a third of the start. `gc.freeze` keeps later collections from visiting them too.
    """
    gc.disable()
    from app.cli import main as run

    gc.freeze()
    gc.enable()
    run()
