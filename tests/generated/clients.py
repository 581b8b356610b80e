"""Generates each client, and runs its journey."""

import shutil
from pathlib import Path

from tests.support.waiting import HANG_SECONDS
from tools import ROOT
from tools.node import BadInstall, find_node, install
from tools.programs import TookTooLong, run

HERE = Path(__file__).parent
FOLDER = ROOT / ".tools" / "generated"
PROGRAMS = FOLDER / "env" / "bin"
"""The environment of the dependency group `generated`: generators, and what clients import."""

OPENAPI = ROOT / "openapi.json"
JAVA = {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -Xmx768m"}
SECONDS = 5 * HANG_SECONDS


class Failed(Exception):
    """A generator, a compiler or a journey failed. The message is what it printed."""


def by_urllib3(url: str, picture: Path) -> None:
    """The generator `python` of openapi-generator."""
    output = emptied(FOLDER / "python")
    by_openapi_generator("python", output, "packageName=pydantic_client")
    in_python("openapi_generator_python.py", output, url, picture)


def by_httpx(url: str, picture: Path) -> None:
    """openapi-python-client. It can't parse `image/webp`, so it leaves `get_picture` out."""
    output = emptied(FOLDER / "openapi-python-client")
    options = ("--meta", "none", "--output-path", output / "httpx_client")
    config = ("--config", HERE / "openapi_python_client.yaml")
    program = PROGRAMS / "openapi-python-client"
    checked(program, "generate", "--path", OPENAPI, *options, *config)
    in_python("openapi_python_client.py", output, url, picture)


def by_typescript(url: str, picture: Path) -> None:
    """The generator `typescript-fetch`, compiled without a type error. Raises NoNode."""
    node = find_node()
    try:
        packages = install(node, FOLDER / "npm", HERE)
    except BadInstall as error:
        raise Failed(str(error)) from None
    output = emptied(FOLDER / "typescript-fetch")
    by_openapi_generator("typescript-fetch", output / "client")
    shutil.copy(HERE / "typescript_fetch.ts", output / "journey.ts")
    shutil.copy(HERE / "tsconfig.json", output)
    (output / "node_modules").symlink_to(packages)
    checked(node.program, packages / "typescript" / "bin" / "tsc", "--project", output)
    checked(node.program, output / "compiled" / "journey.js", url, picture)


def by_openapi_generator(name: str, output: Path, properties: str = "") -> None:
    program = PROGRAMS / "openapi-generator-cli"
    more = ("--additional-properties", properties) if properties else ()
    checked(program, "generate", "-q", "-i", OPENAPI, "-g", name, "-o", output, *more, env=JAVA)


def in_python(journey: str, client: Path, url: str, picture: Path) -> None:
    """Import all of a client and run its journey, in an environment where nothing of Linky is."""
    package = next(client.glob("*_client"))
    modules = (path for path in package.rglob("*.py") if path.name != "__init__.py")
    names = (".".join(path.relative_to(client).with_suffix("").parts) for path in modules)
    env = {"PYTHONPATH": str(client), "PYTHONDONTWRITEBYTECODE": "1", "NO_PROXY": "127.0.0.1"}
    checked(PROGRAMS / "python", "-c", f"import {', '.join(sorted(names))}", env=env)
    checked(PROGRAMS / "python", HERE / journey, url, picture, env=env)


def emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def checked(*command: str | Path, env: dict[str, str] | None = None) -> None:
    """Run a program that must end with status 0."""
    try:
        done = run(*command, seconds=SECONDS, env=env)
    except TookTooLong as error:
        raise Failed(str(error)) from None
    if done.status != 0:
        raise Failed((done.output + done.errors).strip()[-4000:])
