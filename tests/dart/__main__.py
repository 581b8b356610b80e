"""`./dev python -m tests.dart [WORD...]`: all tests in Dart, or those whose name has a word.

One start of the virtual machine compiles both packages, the examples, and each Dart block of the
guides, and runs the packages' own tests and the journeys in `journey/` on a server with the demo.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import AbstractContextManager
from pathlib import Path

from app.core.logging import configure_logging
from app.operations import embedded
from tests.dart.older import NoOlder, older_server
from tests.support import photos
from tests.support.database import template_url
from tests.support.demo import demo_server
from tests.support.server import Server
from tools.dart.packages import CLIENTS, write_program
from tools.dart.vm import BadDart, NoDart, Unreachable, find_vm

JOURNEYS = Path(__file__).parent / "journey"
SECONDS = 900
CUTS = (sys.executable, "-m", "tests.cuts")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.dart", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="WORD")
    parser.add_argument("--older", action="store_true", help="journeys on the release before")
    options = parser.parse_args()
    only = ["journey"] if options.older else options.only
    began = time.monotonic()
    try:
        vm = find_vm()
    except NoDart as reason:
        return skip(reason)
    except BadDart as error:
        if isinstance(error, Unreachable) and os.environ.get("DART") == "optional":
            return skip(error)
        print(f"FAILED  the Dart VM: {error}", flush=True)
        return 1
    configure_logging("error", as_json=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # The older server's PostgreSQL may run as another user.
        (folder / "photo.jpg").write_bytes(photos.jpeg())
        try:
            with server_of(folder, is_older=options.older) as server:
                environment = {"BASE": server.url, "FOLDER": name}
                if options.older:
                    environment["OLDER"] = "yes"
                status = run(vm, only, environment)
            if status == 0 and (not only or "cuts" in only):
                status = run_cuts()
        except NoOlder as reason:
            print(f"FAILED  the release before: {reason}", flush=True)
            return 1
        finally:
            embedded.release()
    print(f"{'ok      ' if status == 0 else 'FAILED  '}Dart ({time.monotonic() - began:.0f} s)")
    return status


def skip(reason: Exception) -> int:
    print(f"SKIPPED: nothing in Dart was compiled, and no test of it ran: {reason}.", flush=True)
    return 0


def server_of(folder: Path, *, is_older: bool) -> AbstractContextManager[Server]:
    """`linky dev` with the demo, of this commit or of the previous release."""
    if is_older:
        return older_server(folder)
    return demo_server(template_url(folder / "postgres"), folder, folder)


def run_cuts() -> int:
    """Cut the streams of twelve phones, and compare. One that loses changes must be found out."""
    whole = [*CUTS, "--cuts", "1000"]
    broken = [*CUTS, "--cuts", "20", "--broken"]
    return max(
        subprocess.run(command, check=False, timeout=SECONDS).returncode
        for command in (whole, broken)
    )


def suites() -> dict[str, Path]:
    """The files with tests, by their names."""
    paths = [*sorted((CLIENTS / "linky" / "test").glob("*_test.dart"))]
    paths += sorted(JOURNEYS.glob("*_journey.dart"))
    return {path.stem: path for path in paths}


def run(
    vm: tuple[str, ...],
    only: list[str],
    environment: dict[str, str],
    linky: Path = CLIENTS / "linky",
) -> int:
    """Compile, and run the tests. Returns the exit status."""
    folder = Path(environment["FOLDER"]) / "program"
    folder.mkdir(exist_ok=True)
    program, config = write_program(folder, suites(), linky=linky)
    command = (*vm, f"--packages={config}", str(program), *only)
    env = {**os.environ, **environment}
    return subprocess.run(command, env=env, check=False, timeout=SECONDS).returncode


if __name__ == "__main__":
    sys.exit(main())
