"""Makes releases to deploy: the checkout itself, and later releases of which some are broken."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from app.core import migrations
from tools import ROOT
from tools.host import Failed, sh

AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "test"), ("EMAIL", "test@linky.test"))
}

FAILS_TO_START = """
import os
import sys
if "NOTIFY_SOCKET" in os.environ and {program!r} in sys.argv:
    raise SystemExit("this release is broken on purpose")
"""
"""A defect that no preflight finds: it only appears when systemd starts the service."""

MIGRATION = '''
"""A column that the previous release does not know."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lounges", sa.Column("test_{revision}", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("lounges", "test_{revision}")
'''


@dataclass(frozen=True)
class Release:
    id: str
    archive: Path
    sha256: str


class Releases:
    """A clone for new commits, and the releases made from it."""

    def __init__(self, folder: Path) -> None:
        self.clone = folder / "clone"
        sh("git", "clone", "--quiet", "--shared", ROOT, self.clone)
        # What makes the SBOM needs uv, and would download it.
        programs = self.clone / ".tools" / "bin"
        programs.mkdir(parents=True)
        (programs / "uv").symlink_to(ROOT / ".tools" / "bin" / "uv")
        self._apply_uncommitted_changes()
        self._seconds = 0
        self._revision = migrations.head()

    def _apply_uncommitted_changes(self) -> None:
        changes = sh("git", "diff", "HEAD", "--binary")
        if changes.strip():
            sh("git", "apply", "--index", cwd=self.clone, stdin=changes)
            self._commit("Uncommitted changes", 0)

    def first(self) -> Release:
        return self._make()

    def good(self) -> Release:
        """With a migration."""
        self._add_migration()
        return self._next("A good release")

    def that_does_not_start(self, program: str) -> Release:
        """A release that passes its preflight, migrates, and whose program does not start."""
        self._add_migration()
        module = self.clone / "app" / "operations" / "systemd.py"
        text = module.read_text()
        module.write_text(text + FAILS_TO_START.format(program=program))
        release = self._next(f"A release without {program}")
        module.write_text(text)
        return release

    def mended(self) -> Release:
        """The release after those that do not start: with their migrations, without the defect."""
        return self._next("A release that is fixed")

    def that_does_not_import(self) -> Release:
        module = self.clone / "app" / "main.py"
        text = module.read_text()
        module.write_text("import something_that_is_not_there\n" + text)
        release = self._next("A release that lacks a library")
        module.write_text(text)
        return release

    def _add_migration(self) -> None:
        before = self._revision
        revision = f"9{self._seconds:03}"
        text = MIGRATION.format(revision=revision, before=before)
        (self.clone / "migrations" / "versions" / f"{revision}_test.py").write_text(text)
        self._revision = revision

    def _next(self, message: str) -> Release:
        self._seconds += 1
        self._commit(message, self._seconds)
        return self._make()

    def _commit(self, message: str, seconds: int) -> None:
        newest = int(sh("git", "log", "-1", "--format=%ct", cwd=self.clone))
        moment = f"{newest + seconds} +0000"
        dates = {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
        sh("git", "add", "--all", cwd=self.clone)
        command = ("git", "commit", "--quiet", "--no-verify", "--allow-empty", "-m", message)
        sh(*command, cwd=self.clone, env=AUTHOR | dates)

    def _make(self) -> Release:
        environment = {"PYTHON": sys.executable}  # The clone has none of its own.
        output = sh(self.clone / "deploy" / "archive", cwd=self.clone, env=environment)
        fields = dict(re.findall(r"^(\w+) +(\S+)$", output, re.MULTILINE))
        if {"release", "archive", "sha256"} - fields.keys():
            raise Failed(f"deploy/archive printed: {output}")
        return Release(fields["release"], self.clone / fields["archive"], fields["sha256"])
