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
from pathlib import Path

from app.core.logging import configure_logging
from app.operations import embedded
from tests.support import photos
from tests.support.database import template_url
from tests.support.demo import demo_server
from tools import ROOT
from tools.dart.packages import CLIENTS, write_program
from tools.dart.vm import BadDart, NoDart, find_vm

BUILD = ROOT / ".tools" / "dart" / "program"
JOURNEYS = Path(__file__).parent / "journey"
SECONDS = 900
CUTS = (sys.executable, "-m", "tests.cuts")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.dart", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="WORD")
    only = parser.parse_args().only
    began = time.monotonic()
    try:
        vm = find_vm()
    except NoDart as reason:
        print(
            f"SKIPPED: nothing in Dart was compiled, and no test of it ran: {reason}.", flush=True
        )
        return 0
    except BadDart as error:
        print(f"FAILED  the Dart VM: {error}", flush=True)
        return 1
    configure_logging("error", as_json=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "photo.jpg").write_bytes(photos.jpeg())
        try:
            with demo_server(template_url(folder / "postgres"), folder, folder) as server:
                status = run(vm, only, BASE=server.url, FOLDER=name)
            if status == 0 and (not only or "cuts" in only):
                status = run_cuts()
        finally:
            embedded.release()
    print(f"{'ok      ' if status == 0 else 'FAILED  '}Dart ({time.monotonic() - began:.0f} s)")
    return status


def run_cuts() -> int:
    """Cut the streams of twelve phones, and compare. A phone that loses changes must be found out."""
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


def run(vm: tuple[str, ...], only: list[str], **environment: str) -> int:
    """Compile, and run the tests. Returns the exit status."""
    BUILD.mkdir(parents=True, exist_ok=True)
    program, config = write_program(BUILD, suites())
    command = (*vm, f"--packages={config}", str(program), *only)
    env = {**os.environ, **environment}
    return subprocess.run(command, env=env, check=False, timeout=SECONDS).returncode


if __name__ == "__main__":
    sys.exit(main())
