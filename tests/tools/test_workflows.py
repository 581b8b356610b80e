"""The GitHub workflows: pinned actions, few rights, and the commands that developers run too."""

import re
import subprocess
from typing import Any

import pytest
import yaml

from tests.support.server import ROOT
from tests.support.stack import program

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def read(name: str) -> dict[str, Any]:
    path = ROOT / ".github" / "workflows" / name
    workflow: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return workflow


def steps() -> list[dict[str, Any]]:
    return [
        step
        for path in WORKFLOWS
        for job in read(path.name)["jobs"].values()
        for step in job["steps"]
    ]


def test_zizmor_finds_nothing_in_pedantic_mode() -> None:
    done = subprocess.run(
        [program("zizmor"), "--offline", "--no-progress", "--persona=pedantic", *WORKFLOWS],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_matches_its_schema(path: Any) -> None:
    done = subprocess.run(
        [program("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


ACTIONS = {
    "actions/checkout": {"ci.yml", "dart.yml", "nightly.yml", "release.yml"},
    "actions/attest-build-provenance": {"release.yml"},
    "sigstore/cosign-installer": {"release.yml"},
}
"""All that is not our own, and where (ADR 0127)."""


def test_every_action_is_pinned_to_a_commit_and_keeps_no_credentials() -> None:
    for path in WORKFLOWS:
        used = [step for job in read(path.name)["jobs"].values() for step in job["steps"]]
        for step in used:
            if "uses" not in step:
                continue
            name, _, commit = step["uses"].partition("@")
            assert path.name in ACTIONS[name]
            assert re.fullmatch(r"[0-9a-f]{40}", commit)
            if name == "actions/checkout":
                assert step["with"]["persist-credentials"] is False
    # A comment names the version of the commit for readers.
    for path in WORKFLOWS:
        for line in path.read_text(encoding="utf-8").splitlines():
            assert "uses:" not in line or re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)


def test_rights_are_given_by_job_and_only_publishing_jobs_may_write() -> None:
    for path in WORKFLOWS:
        workflow = read(path.name)
        assert workflow["permissions"] == {}
        for name, job in workflow["jobs"].items():
            writes = {right for right, level in job["permissions"].items() if level == "write"}
            signing = {"id-token", "attestations"}
            allowed = {"publish": {"contents", *signing}, "image": {"packages", *signing}}
            expected = allowed.get(name, set()) if path.name == "release.yml" else set()
            assert writes == expected, (path.name, name)
            assert job["timeout-minutes"] <= (240 if path.name == "nightly.yml" else 60)


def test_nothing_is_published_before_the_tests_pass() -> None:
    jobs = read("release.yml")["jobs"]
    assert {name for name, job in jobs.items() if job.get("needs") == "test"} == {
        "publish",
        "image",
    }


def test_the_release_publishes_what_it_has_built_of_the_recorded_commit() -> None:
    """It must not build another archive. tests/host installs the archive of `make archive`."""
    scripts = "\n".join(
        step.get("run", "") for step in read("release.yml")["jobs"]["publish"]["steps"]
    )
    for made in ("deploy/archive", "deploy/packages", "git show"):
        assert re.search(rf'{made} "\$COMMIT[":]', scripts)
    assert re.search(r"gh release create .* dist/\*$", scripts, re.MULTILINE)
    assert "git archive" not in scripts


@pytest.mark.parametrize("job", ["publish", "image"])
def test_what_is_published_is_signed_before(job: str) -> None:
    steps = read("release.yml")["jobs"][job]["steps"]
    names = [step.get("uses", step.get("run", "")).partition("@")[0] for step in steps]
    provenance = names.index("actions/attest-build-provenance")
    signature = next(n for n, name in enumerate(names) if "cosign sign" in name)
    release = [n for n, name in enumerate(names) if "gh release create" in name]
    assert names.index("sigstore/cosign-installer") < signature
    assert all(n > max(provenance, signature) for n in release)
    subject = steps[provenance]["with"]
    assert subject.get("subject-checksums") == "dist/SHA256SUMS" or "subject-digest" in subject


def test_nothing_leaves_the_gate() -> None:
    """What lands passes each level but the long one, which a schedule runs."""
    workflow: dict[Any, Any] = read("nightly.yml")
    (nightly,) = workflow[True]["schedule"]  # YAML takes "on" for a yes.
    assert re.fullmatch(r"\d+ \d+ \* \* \*", nightly["cron"])
    for gate in (ROOT / ".ci" / "run", ROOT / ".github" / "workflows" / "ci.yml"):
        text = gate.read_text(encoding="utf-8")
        assert [
            name
            for name in ("check", "test", "test-whole")
            if not re.search(rf"\bmake( --\S+)* {name}$", text, re.MULTILINE)
        ] == []
        assert "NOTHING_MISSING" in text


def test_the_newest_packages_are_tested_each_night() -> None:
    steps = read("nightly.yml")["jobs"]["newest-packages"]["steps"]
    commands = [step["run"] for step in steps if "run" in step]
    assert commands == [".ci/install", "make upgrade", "make check", "make test-all"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "uv lock --upgrade\n" in makefile


def test_expressions_are_never_part_of_a_script() -> None:
    for step in steps():
        assert "${{" not in step.get("run", "")


def test_the_workflows_run_existing_targets_and_modules() -> None:
    scripts = "\n".join(step.get("run", "") for step in steps())
    targets = set(re.findall(r"^(\w[\w-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    used_targets = set(re.findall(r"^make (\S+)$", scripts, re.MULTILINE))
    assert {"check", "test", "test-whole", "test-long"} <= used_targets <= targets
    modules = set(re.findall(r"python -m tools\.(\w+)", scripts))
    assert modules == {"previous_release", "releases"}
    for module in modules:
        assert (ROOT / "tools" / f"{module}.py").exists()
