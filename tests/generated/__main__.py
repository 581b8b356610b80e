"""`./dev python -m tests.generated`: a server with the demo community, and a line a client.

`--only python` runs one of them. `make test-generated` installs what they need before.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from app.core.logging import configure_logging
from app.operations import embedded
from tests.generated.clients import Failed, by_httpx, by_typescript, by_urllib3
from tests.support import photos
from tests.support.database import template_url
from tests.support.demo import demo_server
from tools.node import NoNode

CLIENTS: dict[str, Callable[[str, Path], None]] = {
    "python": by_urllib3,
    "openapi-python-client": by_httpx,
    "typescript-fetch": by_typescript,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.generated", description=__doc__)
    parser.add_argument("--only", choices=CLIENTS)
    only = parser.parse_args().only
    configure_logging("error", as_json=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        picture = folder / "photo.jpg"
        picture.write_bytes(photos.jpeg())
        try:
            with demo_server(template_url(folder / "postgres"), folder, folder) as server:
                chosen = [only] if only else list(CLIENTS)
                passed = [outcome(each, server.url, picture) for each in chosen]
        finally:
            embedded.release()
    return 0 if all(passed) else 1


def outcome(name: str, url: str, picture: Path) -> bool:
    """Print how a client's journey ended.

    A missing npm registry is a failure only in CI, which sets NOTHING_MISSING.
    """
    began = time.monotonic()
    try:
        CLIENTS[name](url, picture)
    except NoNode as error:
        print(f"Skipped: {name} did NOT run. {error}", flush=True)
        return not os.environ.get("NOTHING_MISSING")
    except Failed as error:
        print(f"FAILED  {name}:\n{error}", flush=True)
        return False
    print(f"ok      {name} ({time.monotonic() - began:.0f} s)", flush=True)
    return True


if __name__ == "__main__":
    raise SystemExit(main())
