"""`python -m tools.image` (`make test-image`): builds the image's file system, and serves from it.

The exit status is 0 if all stages passed, 1 if a stage failed, and 2 if the test can't run here.
"""

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from app.core.version import app_version
from tools.host import CannotRun, Failed, attempt, sh, until
from tools.host.report import Report, Stage
from tools.image.build import Builder, ensure_possible
from tools.image.trial import EMAIL, PASSWORD, Caller, Trial


def run(report: Report) -> None:
    with tempfile.TemporaryDirectory(prefix="linky-image-", dir="/var/tmp") as made:
        folder = Path(made)
        folder.chmod(0o711)  # PostgreSQL runs as another user.
        builder = Builder(folder)
        with report.stage("the Dockerfile's steps make a file system"):
            builder.build()
        root, configuration = builder.mounted(), builder.configuration()
        os.unshare(os.CLONE_NEWNET)
        sh("ip", "link", "set", "lo", "up")
        trial = Trial(root, configuration, folder)
        with trial.database():
            with report.stage("the image says its version, and migrates") as stage:
                prepare(trial, stage)
            with report.stage("it serves by HTTPS, as a user without rights") as stage:
                serve(trial, stage)
            with report.stage("a post and its picture are there after a restart") as stage:
                serve(trial, stage)


def prepare(trial: Trial, stage: Stage) -> None:
    said = trial.run("--version").strip()
    stage.expect(said == f"linky {app_version()}", f"`linky --version` says {said}")
    trial.run("migrate")
    trial.run("create-admin", EMAIL, "--password-stdin", stdin=f"{PASSWORD}\n")
    write = "import pathlib; pathlib.Path('/app/x').write_text('')"
    done = attempt(*trial.command("api", "x")[:-2], "python", "-c", write)
    stage.expect("Read-only file system" in done.stdout, f"the image can be written: {done.stdout}")
    stage.note(f"{said}; user, environment and entry point are the image's")


def serve(trial: Trial, stage: Stage) -> None:
    with ExitStack() as stack:
        for name in ("api", "worker"):
            stack.enter_context(trial.running(*trial.command(name)))
        caller = Caller(stack.enter_context(trial.proxy()))
        until("it is ready", caller.is_ready, 60)
        caller.sign_in()
        if trial.post is None:
            trial.post = caller.post_with_picture()
            trial.picture = caller.picture_of(trial.post)
        stage.expect(caller.picture_of(trial.post) == trial.picture, "the picture is another")
        version = caller.call("GET", "/health/ready", 200)["version"]
        stage.expect(version == app_version(), f"/health/ready says {version}")
        stage.note(f"ready, signed in, {trial.post} has its picture of {len(trial.picture)} bytes")


def main() -> int:
    report, is_good = Report("image"), False
    try:
        ensure_possible()
        run(report)
        is_good = report.is_good
    except CannotRun as error:
        print(f"make test-image can't run here: {error}.")
        return 2
    except (Failed, OSError, subprocess.SubprocessError) as error:
        print(f"FAILED: {type(error).__name__}: {error}")
    finally:
        if report.stages:
            report.show()
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
