"""The command `linky doctor`: what it prints, and when it fails."""

import ast
import json
import re
from typing import Any

import pytest
from anyio import to_thread
from typer.testing import CliRunner

from app.cli import cli
from tests.operations.doctor.installation import WITHOUT_WORDS, Installation, changed
from tests.support.server import ROOT

pytestmark = pytest.mark.anyio


async def run(installation: Installation, *arguments: str, **changes: str) -> Any:
    """`linky doctor` with the installation's settings, as an operator calls it."""
    settings = installation.settings()
    environment = {
        "LINKY_ENV": "production",
        "LINKY_DATABASE_URL": str(settings.database_url),
        "LINKY_DATA_DIR": str(settings.data_dir),
        "LINKY_PUBLIC_URL": str(settings.public_url),
        "LINKY_JWT_KEYS": "one:" + "k" * 40,
        "LINKY_TRUSTED_PROXIES": "127.0.0.1",
        "LINKY_MAIL": "smtp",
        "LINKY_MAIL_FROM": settings.mail_from,
        "LINKY_SMTP_HOST": "127.0.0.1",
        "LINKY_SMTP_PORT": str(settings.smtp_port),
        "LINKY_LOG_LEVEL": "warning",
    }
    port = str(installation.site.http_port)
    command = ["doctor", "--http-port", port, *arguments]
    return await to_thread.run_sync(
        lambda: CliRunner().invoke(cli, command, env=environment | changes)
    )


async def test_the_command_names_remedies_and_fails_only_for_faults(
    installation: Installation,
) -> None:
    healthy = await run(installation)
    assert healthy.exit_code == 0, healthy.output
    assert "WRONG" not in healthy.output
    assert "warn   backups" in healthy.output
    broken = await run(installation, LINKY_SMTP_PORT="1")
    assert broken.exit_code == 1
    (line,) = [line for line in broken.output.splitlines() if line.startswith("WRONG")]
    assert "SMTPConnectError" in line
    assert '-> docs/services.md, "Email: SMTP"' in broken.output


async def test_the_command_prints_json_and_checks_the_app_stores(
    installation: Installation,
) -> None:
    async with changed(installation, *WITHOUT_WORDS):
        result = await run(installation, "--store", "--json")
    assert result.exit_code == 1
    listed = json.loads(result.stdout)
    (filtered,) = [finding for finding in listed if "filter" in finding["name"]]
    assert filtered == {
        "name": "Apple 1.2 (filter)",
        "verdict": "wrong",
        "words": "the list of banned words is empty",
        "remedy": "fill it in /admin/words",
    }


async def test_invalid_settings_are_a_finding(installation: Installation) -> None:
    result = await run(installation, "--json", LINKY_PUBLIC_URL="http://linky.example")
    assert result.exit_code == 1
    (finding,) = json.loads(result.stdout)
    assert (finding["name"], finding["verdict"]) == ("settings", "wrong")
    assert "LINKY_PUBLIC_URL" in finding["words"]
    assert "kkkk" not in result.output


def test_the_named_sections_are_in_the_documents() -> None:
    texts = [
        node.value
        for path in (ROOT / "app" / "operations" / "doctor").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    named = {found for text in texts for found in re.findall(r'(docs/\w+\.md), "([^"]+)"', text)}
    headings = {
        (page, heading)
        for page in {page for page, _ in named}
        for heading in re.findall(r"^#+ (.+)$", (ROOT / page).read_text("utf-8"), re.MULTILINE)
    }
    assert named
    assert named <= headings
