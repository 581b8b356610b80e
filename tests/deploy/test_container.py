"""The image and the composition, as far as they can be judged where no container runs."""

import fnmatch
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from app.cli import cli
from app.core.config import Settings
from tests.support.server import ROOT
from tests.support.stack import program

FOLDER = ROOT / "deploy" / "container"
DOCKERFILE = FOLDER / "Dockerfile"


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's lines, joined and without comments: instruction, arguments."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    joined = re.sub(r"\\\n\s*", "", text)
    lines = [line.partition(" ") for line in joined.splitlines() if line]
    return [(name, arguments.strip()) for name, _, arguments in lines]


def last_stage() -> list[tuple[str, str]]:
    lines = instructions()
    begin = max(n for n, (name, _) in enumerate(lines) if name == "FROM")
    return lines[begin:]


def composition() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
    return found


def commands() -> set[str]:
    return {
        str(one.name or one.callback.__name__) for one in cli.registered_commands if one.callback
    }


def test_the_dockerfile_is_clean() -> None:
    done = subprocess.run(
        [program("hadolint"), "--no-color", "--failure-threshold=info", DOCKERFILE],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_linter_of_dockerfiles_finds_what_is_wrong(tmp_path: Path) -> None:
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM debian:latest\nRUN sudo apt-get install curl\n", encoding="utf-8")
    done = subprocess.run(
        [program("hadolint"), "--no-color", bad], capture_output=True, text=True, check=False
    )
    assert {"DL3004", "DL3007"} <= set(re.findall(r"DL\d+", done.stdout))


def test_the_image_is_of_a_version_and_runs_as_nobody_in_particular() -> None:
    arguments = dict(arg.split("=", 1) for name, arg in instructions() if name == "ARG")
    wanted = (ROOT / ".python-version").read_text(encoding="utf-8").strip()
    assert re.fullmatch(rf"python:{re.escape(wanted)}(\.\d+)?-slim-\w+", arguments["PYTHON"])
    bases = {base.split()[0] for name, base in instructions() if name == "FROM"}
    assert bases == {"${PYTHON}"}
    (user,) = [arguments for name, arguments in last_stage() if name == "USER"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user), "a number that is not root's"
    names = [name for name, _ in last_stage()]
    assert "ADD" not in names
    assert {"HEALTHCHECK", "STOPSIGNAL", "ENTRYPOINT", "CMD"} <= set(names)
    # What is run was put there before, by root.
    assert names.index("USER") > max(n for n, name in enumerate(names) if name in ("COPY", "RUN"))


def test_the_image_holds_what_is_needed_and_nothing_else() -> None:
    copied = " ".join(
        arguments for name, arguments in instructions()
        if name == "COPY" and "--from" not in arguments
    ).split()  # fmt: skip
    sources = {one for one in copied if not one.startswith("./")}
    # migrations.py looks for alembic.ini and the migrations beside the package.
    assert {"app", "migrations", "alembic.ini", "uv.lock", "pyproject.toml"} <= sources
    lines = (FOLDER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    assert allowed == sources
    for secret in (".env", ".git", ".linky", "tests", "deploy"):
        assert not any(fnmatch.fnmatch(secret, one) for one in allowed)
    for one in allowed:
        assert (ROOT / one).exists(), one


def test_the_image_sets_only_settings_that_there_are_and_no_secret() -> None:
    values = " ".join(arguments for name, arguments in last_stage() if name == "ENV")
    names = set(re.findall(r"LINKY_([A-Z0-9_]+)=", values))
    assert names
    assert {name.lower() for name in names} <= set(Settings.model_fields)
    assert not names & {"DATABASE_URL", "JWT_KEYS", "SMTP_PASSWORD"}


def test_the_image_starts_a_command_that_there_is() -> None:
    stage = dict(last_stage())
    assert json.loads(stage["ENTRYPOINT"]) == ["linky"]
    assert json.loads(stage["CMD"])[0] in commands()


def test_the_composition_has_the_form_of_one() -> None:
    done = subprocess.run(
        [program("check-jsonschema"), "--builtin-schema", "vendor.compose-spec",
         FOLDER / "compose.yaml"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_every_service_is_kept_small() -> None:
    services = composition()["services"]
    assert set(services) == {"database", "migrate", "api", "worker"}
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["tmpfs"], name
        assert "privileged" not in service, name
        assert not service["image"].endswith(":latest"), name
    for name in ("migrate", "api", "worker"):
        assert services[name]["command"][0] in commands()
        assert "cap_add" not in services[name]
        settings = set(services[name]["environment"]) - {"TMPDIR"}
        assert {one.removeprefix("LINKY_").lower() for one in settings} <= set(
            Settings.model_fields
        )
    for name in ("api", "worker"):
        # Files under way lie on a disk: /tmp is memory.
        assert services[name]["environment"]["TMPDIR"] == "/var/lib/linky"


def test_the_database_is_ours_alone_and_of_the_right_version() -> None:
    made = composition()
    database = made["services"]["database"]
    assert re.fullmatch(r"postgres:18(\.\d+)?-\w+", database["image"])
    assert database["networks"] == ["inside"]
    assert made["networks"]["inside"] == {"internal": True}
    assert "ports" not in database
    # Since 18 the image keeps its clusters one folder higher.
    assert database["volumes"] == ["database:/var/lib/postgresql"]


def test_the_api_is_published_to_this_machine_alone_and_trusts_the_gateway() -> None:
    made = composition()
    services = made["services"]
    assert [name for name in services if "ports" in services[name]] == ["api"]
    assert all(port.startswith("127.0.0.1:") for port in services["api"]["ports"])
    (config,) = made["networks"]["outside"]["ipam"]["config"]
    trusted = services["api"]["environment"]["LINKY_TRUSTED_PROXIES"]
    assert trusted == f"${{LINKY_TRUSTED_PROXIES:-{config['gateway']}}}"


def test_nobody_serves_before_the_tables_are_there_and_no_secret_stands_in_the_file() -> None:
    text = (FOLDER / "compose.yaml").read_text(encoding="utf-8")
    services = composition()["services"]
    for name in ("api", "worker"):
        waits = services[name]["depends_on"]
        assert waits["migrate"] == {"condition": "service_completed_successfully"}
    assert services["migrate"]["depends_on"]["database"] == {"condition": "service_healthy"}
    for name in ("LINKY_DATABASE_PASSWORD", "LINKY_JWT_KEYS", "LINKY_PUBLIC_URL"):
        # Without it compose refuses to begin, and says why.
        assert re.search(rf"\$\{{{name}:\?", text)
        assert not re.search(rf"\$\{{{name}\}}", text)
