"""The Dockerfile and compose.yaml, checked without running a container."""

import fnmatch
import json
import re
import shutil
import subprocess
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
import yaml

from app.cli import cli
from app.core.settings.config import Settings
from tests.support.server import ROOT
from tests.support.stack import program

FOLDER = ROOT / "deploy" / "container"
OURS = ("migrate", "api", "worker")
DOCKERFILE = FOLDER / "Dockerfile"


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions with their arguments, without comments."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    joined = re.sub(r"\\\n\s*", "", text)
    lines = [line.partition(" ") for line in joined.splitlines() if line]
    return [(name, arguments.strip()) for name, _, arguments in lines]


def last_stage() -> list[tuple[str, str]]:
    lines = instructions()
    begin = max(n for n, (name, _) in enumerate(lines) if name == "FROM")
    return lines[begin:]


def composition() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
    return content


def commands() -> set[str]:
    return {
        str(command.name or command.callback.__name__)
        for command in cli.registered_commands
        if command.callback
    }


def test_hadolint_accepts_the_dockerfile() -> None:
    done = subprocess.run(
        [program("hadolint"), "--no-color", "--failure-threshold=info", DOCKERFILE],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_image_has_a_fixed_version_and_runs_as_a_user_without_rights() -> None:
    arguments = dict(arg.split("=", 1) for name, arg in instructions() if name == "ARG")
    wanted = (ROOT / ".python-version").read_text(encoding="utf-8").strip()
    assert re.fullmatch(rf"python:{re.escape(wanted)}(\.\d+)?-slim-\w+", arguments["PYTHON"])
    bases = {base.split()[0] for name, base in instructions() if name == "FROM"}
    assert bases == {"${PYTHON}"}
    (user,) = [arguments for name, arguments in last_stage() if name == "USER"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user), "a numeric user that is not root"
    names = [name for name, _ in last_stage()]
    assert "ADD" not in names
    assert {"HEALTHCHECK", "STOPSIGNAL", "ENTRYPOINT", "CMD"} <= set(names)
    # Only root writes files, so the program that runs can't change itself.
    assert names.index("USER") > max(n for n, name in enumerate(names) if name in ("COPY", "RUN"))


def test_the_image_contains_only_the_needed_files() -> None:
    copied = " ".join(
        arguments for name, arguments in instructions()
        if name == "COPY" and "--from" not in arguments
    ).split()  # fmt: skip
    sources = {path for path in copied if not path.startswith("./")}
    # migrations.py looks for alembic.ini and the migrations beside the package.
    assert {"app", "migrations", "alembic.ini", "uv.lock", "pyproject.toml"} <= sources
    lines = (FOLDER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    assert allowed == sources
    for secret in (".env", ".git", ".linky", "linky_dev", "tests", "deploy"):
        assert not any(fnmatch.fnmatch(secret, path) for path in allowed)
    for path in allowed:
        assert (ROOT / path).exists(), path


def test_the_image_sets_only_existing_settings_and_no_secret() -> None:
    values = " ".join(arguments for name, arguments in last_stage() if name == "ENV")
    names = set(re.findall(r"LINKY_([A-Z0-9_]+)=", values))
    assert names
    assert {name.lower() for name in names} <= set(Settings.model_fields)
    assert not names & {"DATABASE_URL", "JWT_KEYS", "SMTP_PASSWORD"}


def test_compose_yaml_matches_its_schema() -> None:
    done = subprocess.run(
        [program("check-jsonschema"), "--builtin-schema", "vendor.compose-spec",
         FOLDER / "compose.yaml", FOLDER / "compose.build.yaml"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_every_service_runs_with_few_rights() -> None:
    services = composition()["services"]
    assert set(services) == {"database", "migrate", "api", "worker", "proxy"}
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["tmpfs"], name
        assert "privileged" not in service, name
        assert not service["image"].endswith(":latest"), name
    for name in OURS:
        assert services[name]["command"][0] in commands()
        assert "cap_add" not in services[name]
        settings = set(services[name]["environment"]) - {"TMPDIR"}
        assert {setting.removeprefix("LINKY_").lower() for setting in settings} <= set(
            Settings.model_fields
        )
    for name in ("api", "worker"):
        # Temporary files go to a disk, because /tmp is memory.
        assert services[name]["environment"]["TMPDIR"] == "/var/lib/linky"


def test_the_api_is_published_on_loopback_only_and_trusts_the_gateway() -> None:
    composed = composition()
    services = composed["services"]
    assert [name for name in services if "ports" in services[name]] == ["api", "proxy"]
    assert all(port.startswith("127.0.0.1:") for port in services["api"]["ports"])
    (config,) = composed["networks"]["outside"]["ipam"]["config"]
    proxy = services["proxy"]["networks"]["outside"]["ipv4_address"]
    trusted = services["api"]["environment"]["LINKY_TRUSTED_PROXIES"]
    assert trusted == f"${{LINKY_TRUSTED_PROXIES:-{config['gateway']},{proxy}}}"
    # Docker gives the others addresses from a range that has not the proxy's.
    assert ip_address(proxy) in ip_network(config["subnet"])
    assert ip_address(proxy) not in ip_network(config["ip_range"])


def test_ports_are_published_on_ipv4_alone_as_the_networks_have_no_ipv6() -> None:
    """Docker passes IPv6 on to such a network from its gateway, an address that the API trusts."""
    composed = composition()
    for name, network in composed["networks"].items():
        assert "enable_ipv6" not in network, f"{name}: then ports may be published on IPv6, too"
        for config in network.get("ipam", {}).get("config", []):
            assert ip_network(config["subnet"]).version == 4
    published = [
        port for service in composed["services"].values() for port in service.get("ports", [])
    ]
    assert len(published) == 3
    for port in published:
        host, _, _ = port.partition(":")
        assert ip_address(host).version == 4, port


OF_COMPOSE = {"LINKY_IMAGE", "LINKY_VERSION", "LINKY_DATABASE_PASSWORD", "LINKY_PORT_OUTSIDE"}
"""Variables of the compose file that are no settings."""


def test_every_variable_is_a_setting_or_one_of_the_compose_file_that_its_page_names() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.yaml"))
    names = set(re.findall(r"\bLINKY_[A-Z_]+", text))
    assert names >= OF_COMPOSE
    settings = {name.removeprefix("LINKY_").lower() for name in names - OF_COMPOSE}
    assert settings <= set(Settings.model_fields)
    for page in ("containers.md",):
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        assert all(f"{name}=" in text for name in ("LINKY_VERSION", "LINKY_DATABASE_PASSWORD"))


CADDY = shutil.which("caddy")


@pytest.mark.skipif(CADDY is None, reason="install caddy")
def test_caddy_accepts_our_file_and_asks_for_the_name_of_the_public_url() -> None:
    assert CADDY is not None
    done = subprocess.run(
        [CADDY, "adapt", "--validate", "--adapter", "caddyfile", "--config", FOLDER / "Caddyfile"],
        env={"LINKY_PUBLIC_URL": "https://linky.example", "HOME": "/nonexistent"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    adapted = done.stdout
    assert '"host":["linky.example"]' in adapted
    assert '"dial":"api:8000"' in adapted
    # What the app trusts of the proxy is set by the proxy.
    assert '"X-Client-Port":["{http.request.remote.port}"]' in adapted
    assert '"delete":["X-Forwarded-Host","Forwarded"]' in adapted
    assert json.loads(adapted)["admin"] == {"disabled": True}


def test_services_start_after_the_migration_and_the_file_has_no_secret() -> None:
    text = (FOLDER / "compose.yaml").read_text(encoding="utf-8")
    services = composition()["services"]
    for name in ("api", "worker"):
        waits = services[name]["depends_on"]
        assert waits["migrate"] == {"condition": "service_completed_successfully"}
    assert services["migrate"]["depends_on"]["database"] == {"condition": "service_healthy"}
    for name in ("LINKY_DATABASE_PASSWORD", "LINKY_JWT_KEYS", "LINKY_PUBLIC_URL"):
        # `:?` lets compose refuse to start without the value.
        assert re.search(rf"\$\{{{name}:\?", text)
        assert not re.search(rf"\$\{{{name}\}}", text)


def test_the_database_is_internal_and_of_the_right_version() -> None:
    composed = composition()
    database = composed["services"]["database"]
    assert re.fullmatch(r"postgres:18(\.\d+)?-\w+", database["image"])
    assert database["networks"] == ["inside"]
    assert composed["networks"]["inside"] == {"internal": True}
    assert "ports" not in database
    # Since version 18 the image keeps its data one folder higher.
    assert database["volumes"] == ["database:/var/lib/postgresql"]
