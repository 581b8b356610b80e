"""The checks of `make check` that need code: `python -m tools.check` runs them.

It prints a line for each check, and exits with 1 if one fails.
"""

import asyncio
import io
import json
import logging
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import typer
from alembic import command
from alembic.util import CommandError

from app.api import METADATA
from app.core import migrations
from app.core.version import app_version
from app.operations import embedded
from app.operations.embedded.errors import EmbeddedError
from tools import ROOT, CommandFailed, licences, output_of, releases
from tools.client import written as client
from tools.documents import checks as documents
from tools.migration_lint import find_misplaced, find_violations, gone_too_early, names_in
from tools.openapi_diff import breaking_changes
from tools.requirements import REQUIREMENTS, UV, exported
from tools.stack import STACK, USER_DATA, with_user_data

OPENAPI = ROOT / "openapi.json"


class CheckFailed(Exception):
    """A check failed. The message says what is wrong, and what to do."""


def openapi_is_current() -> None:
    """`openapi.json` is the app's document."""
    if OPENAPI.read_text(encoding="utf-8") != output_of(sys.executable, "-m", "app.cli", "openapi"):
        raise CheckFailed("it differs from the app; run `make openapi` and read the difference")


def openapi_breaks_no_client() -> None:
    """No change breaks clients of the last release."""
    last = releases.last_release()
    now = json.loads(OPENAPI.read_text(encoding="utf-8"))
    changes = releases.not_allowed(
        breaking_changes(last.document(), now), releases.allowed_breaks()
    )
    if changes:
        raise CheckFailed("\n".join([f"it would break clients of {last.version}:", *changes]))


def clients_are_current() -> None:
    """What `make client` writes is what `openapi.json` says."""
    names = [str(path.relative_to(ROOT)) for path in client.outdated()]
    if names:
        raise CheckFailed("\n".join(["they differ from openapi.json; run `make client`:", *names]))


def requirements_are_current() -> None:
    """`requirements.txt` is what `uv.lock` says."""
    if REQUIREMENTS.read_text(encoding="utf-8") != exported():
        raise CheckFailed("it differs from uv.lock; run `make requirements`")


def licences_are_allowed() -> None:
    """Every locked package has a licence that is allowed, and the list is current."""
    found = [*licences.complaints(licences.licences(), licences.rules())]
    if found:
        raise CheckFailed("\n".join(["", *found]))
    if licences.LICENCES.read_text(encoding="utf-8") != licences.rendered():
        raise CheckFailed("docs/licences.md differs from uv.lock; run `make licences`")


def lock_is_current() -> None:
    """`uv.lock` is what `pyproject.toml` asks for."""
    output_of(UV, "lock", "--check", "--quiet")


def versions_agree() -> None:
    """The packages for clients have the version of `pyproject.toml`."""
    version = f'version = "{app_version()}"', f"version: {app_version()}"
    others = [*ROOT.glob("clients/*/pyproject.toml"), *ROOT.glob("clients/*/*/pubspec.yaml")]
    wrong = [
        str(path.relative_to(ROOT))
        for path in others
        if not set(version) & set(path.read_text(encoding="utf-8").splitlines())
    ]
    if wrong:
        raise CheckFailed(f"not {app_version()}, as pyproject.toml: {', '.join(wrong)}")


def migrations_are_one_line() -> None:
    try:
        migrations.newest_first()
    except migrations.NotOneLine as error:
        raise CheckFailed(f"{error} Rebase one onto the other.") from None


def migrations_may_run_in_use() -> None:
    """New migrations neither block nor break the last release while it is in use."""
    violations = find_violations()
    if violations:
        raise CheckFailed("\n".join(["squawk says:", *violations]))


def contracts_come_last() -> None:
    """A deploy runs no contract of the next release: no other migration comes after one."""
    if misplaced := find_misplaced():
        how = "Put it before the contract (docs/changing.md, The migration, step 3)."
        raise CheckFailed("\n".join([*misplaced, how]))


def migrations_make_the_models() -> None:
    """The migrations, run on an empty database, make what the models describe.

    What a later release will drop is still there, also after all contracts.
    """
    with tempfile.TemporaryDirectory(prefix="linky-check-") as folder:
        try:
            url = embedded.acquire(Path(folder))
            migrations.upgrade(url)
            config = migrations.alembic_config(url)
            config.stdout = io.StringIO()  # The exception contains the differences too.
            command.check(config)
            gone = gone_too_early(asyncio.run(names_in(url)), releases.last_release().version)
            if gone:
                raise CheckFailed(
                    f"they remove what is kept until {migrations.KEPT_UNTIL_AFTER} is recorded:"
                    f" {', '.join(gone)}"
                )
        finally:
            embedded.release()


def alembic_sees_each_table() -> None:
    """Autogenerate would drop a table whose model `app.api` does not import."""
    code = "from app.api import METADATA; print(*METADATA.tables)"
    missing = set(METADATA.tables) - set(output_of(sys.executable, "-c", code).split())
    if missing:
        raise CheckFailed(f"import their models in app/api.py: {', '.join(sorted(missing))}")


def stack_is_sound() -> None:
    """CloudFormation would accept the template's properties, values and references."""
    output_of(Path(sys.executable).parent / "cfn-lint", STACK)


def stack_has_the_user_data() -> None:
    text = STACK.read_text(encoding="utf-8")
    if text != with_user_data(text, USER_DATA.read_text(encoding="utf-8")):
        raise CheckFailed("it differs from deploy/cloud-init; run `python -m tools.stack`")


def _document_check(check: Callable[[], documents.Complaints]) -> Callable[[], None]:
    def run() -> None:
        complaints = list(check())
        if complaints:
            raise CheckFailed("\n".join(["", *complaints]))

    return run


CHECKS: dict[str, Callable[[], None]] = {
    "uv.lock is current": lock_is_current,
    "requirements.txt is current": requirements_are_current,
    "licences are allowed and listed": licences_are_allowed,
    "openapi.json is current": openapi_is_current,
    "openapi.json breaks no client": openapi_breaks_no_client,
    "clients are current": clients_are_current,
    "all packages have one version": versions_agree,
    "migrations are one line": migrations_are_one_line,
    "migrations may run in use": migrations_may_run_in_use,
    "contracts come after all other migrations": contracts_come_last,
    "migrations make the models": migrations_make_the_models,
    "alembic sees each table": alembic_sees_each_table,
    "deploy/aws/linky.yaml passes cfn-lint": stack_is_sound,
    "deploy/aws/linky.yaml has the user data": stack_has_the_user_data,
    **{f"documents: {name}": _document_check(check) for name, check in documents.CHECKS.items()},
}


FAILURES = (
    CheckFailed,
    CommandFailed,
    releases.NoRelease,
    CommandError,
    EmbeddedError,
    OSError,
)


def complaint_of(check: Callable[[], None]) -> str | None:
    try:
        check()
    except FAILURES as error:
        return str(error) or type(error).__name__
    return None


def main() -> int:
    """Run all checks, even if one fails, so that a developer sees every problem at once."""
    logging.disable()  # Alembic would log its findings a second time.
    failed = 0
    for name, check in CHECKS.items():
        complaint = complaint_of(check)
        failed += complaint is not None
        typer.echo(f"ok      {name}" if complaint is None else f"FAILED  {name}: {complaint}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
