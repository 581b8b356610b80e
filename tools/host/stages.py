"""The stages of the test: what each does to the machine, and what it expects."""

import json
import re
import time
from collections import Counter

from tools.host import DOMAIN, Failed, until
from tools.host.client import MEMBERS, Load
from tools.host.installation import Installation
from tools.host.machine import Machine
from tools.host.releases import Release
from tools.host.report import Stage

INSTALL_SECONDS = 300
SHORT_WAIT_SECONDS = 1.0
"""How long any request may take while a release is deployed. On a busy machine half of a start is
allowed: a request that waited for a restart would take a whole one.
"""

OUTSIDE = "198.51.100.1"
"""An address that is reserved for documentation (RFC 5737)."""

BACKUPS, BACKUP_KEY = "/var/backups/linky", "/var/lib/linky-operations/backup.key"
"""Where the runbook has the backups of a server, and their key while it restores one."""

SERVICES = ("linky-api.service", "linky-worker.service", "nginx.service")
EXPORT = "/var/lib/linky/export"
"""Where docs/moving.md has the export of a server."""

UNITS = (*SERVICES, "linky-api.socket", "linky-certificate.timer", "linky-backup.timer")
"""Units that run on a host after its installation and after each boot."""


def install(site: Installation, stage: Stage, release: Release) -> None:
    """Boot for the first time. The user data alone must install everything."""
    machine = site.machine
    machine.boot()
    started = time.monotonic()

    def is_done() -> bool:
        output = machine.attempt("cloud-init", "status").stdout
        return any(word in output for word in ("status: done", "status: error", "degraded"))

    until("cloud-init ends", is_done, INSTALL_SECONDS)
    status_text = machine.attempt("cloud-init", "status", "--long").stdout
    log = machine.root / "var/log/cloud-init-output.log"
    if "status: done" not in status_text:
        raise Failed(f"{status_text}\n{log.read_text(errors='replace')[-3000:]}")
    stage.note(f"cloud-init ended well {time.monotonic() - started:.1f} s after systemd began")
    machine.run("systemctl", "is-active", *UNITS)
    # If no place for backups is set, the timer must do no harm.
    machine.run("systemctl", "start", "linky-backup.service")
    second_run = machine.run("/opt/linky/current/deploy/host/setup", seconds=60)
    stage.expect("wrote" not in second_run, f"setup, run again, changed something: {second_run}")
    status = json.loads(
        machine.run(
            "curl", "-sSk", "--resolve", f"{DOMAIN}:443:127.0.0.1", f"https://{DOMAIN}/health/ready"
        )
    )
    stage.expect(status["version"] == release.id, f"it serves {status}")
    show_size(machine, stage)


def show_size(machine: Machine, stage: Stage) -> None:
    for name in ("linky-api", "linky-worker"):
        pid = machine.run("systemctl", "show", "-P", "MainPID", name).strip()
        status = machine.run("cat", f"/proc/{pid}/status")
        memory = re.search(r"VmRSS:\s+(\d+)", status)
        assert memory
        stage.note(f"{name} holds {int(memory[1]) // 1024} MB")
    stage.note(f"the release takes {machine.run('du', '-sm', '/opt/linky').split()[0]} MB")


def first_certificate(site: Installation, stage: Stage) -> None:
    """Expect that a trusted certificate replaces the self-signed certificate automatically."""
    machine, tls = site.machine, site.machine.root / "etc/linky/tls/fullchain.pem"
    seconds = until(
        "certbot has a certificate",
        lambda: (
            (machine.root / "etc/letsencrypt/live/linky").exists()
            and "Pebble"
            in machine.run(
                "openssl", "x509", "-noout", "-issuer", "-in", "/etc/linky/tls/fullchain.pem"
            )
        ),
        60,
    )
    stage.expect(tls.stat().st_mode & 0o077 == 0, "others may read the certificate's folder")
    site.authority = site.client.trust()
    until("nginx serves it", lambda: site.client.release() is not None, 15)
    stage.note(f"a certificate that verifies, {seconds:.1f} s after the installation ended")
    answer = site.client.headers(f"http://{DOMAIN}/api/v1/meta?x=1")
    stage.expect(
        answer.startswith("HTTP/1.1 308") and f"https://{DOMAIN}/api/v1/meta?x=1" in answer, answer
    )
    answer = site.client.headers(
        "--cacert", "/etc/pebble/root.pem", f"https://{DOMAIN}/api/v1/meta"
    )
    stage.expect(answer.startswith("HTTP/2 200"), answer)
    stage.expect("strict-transport-security: max-age=63072000" in answer, answer)
    site.people = site.client.people()
    stage.note(f"{len(site.people)} members registered and verified; an admin made by `linky`")


def renewal(site: Installation, stage: Stage) -> None:
    """Make the certificate due, and expect that the timer's service renews it under load."""
    # Otherwise the timer could start a second renewal.
    site.machine.run("systemctl", "stop", "linky-certificate.timer")
    conf = site.machine.root / "etc/letsencrypt/renewal/linky.conf"
    conf.write_text("renew_before_expiry = 80 days\n" + conf.read_text())
    with site.load() as result:
        site.machine.run("systemctl", "start", "linky-certificate.service", seconds=90)
        time.sleep(1)
    lines = [
        line for line in conf.read_text().splitlines(True) if "renew_before_expiry" not in line
    ]
    conf.write_text("".join(lines))
    site.judge(stage, result)
    serials = result.figures["serials"]
    stage.expect(len(serials) == 2, f"the certificates served: {serials}")
    stage.note("two serial numbers were served: the old and the new certificate")
    site.machine.run("systemctl", "start", "linky-certificate.service", seconds=60)
    made = sorted((site.machine.root / "etc/letsencrypt/archive/linky").glob("cert*.pem"))
    stage.expect(len(made) == 2, f"a certificate that was not due was renewed: {made}")
    site.machine.run("systemctl", "start", "linky-certificate.timer")


def logs(site: Installation, stage: Stage) -> None:
    """Rotate the logs. They may contain no token of a mailed link, even if the app was down."""
    machine, folder = site.machine, "/var/log/linky"
    stage.expect(machine.run("stat", "-c", "%U:%G %a", folder).strip() == "root:adm 751", folder)
    configuration = machine.run("nginx", "-T")
    stage.expect("worker_connections 8192;" in configuration, "nginx has room for few connections")
    machine.run("logrotate", "--force", "/etc/logrotate.d/linky")
    app = ("linky-api.socket", "linky-api.service")
    machine.run("systemctl", "stop", *app)
    link = f"https://{DOMAIN}/account/reset-password?token=geheim-4711"
    machine.run("curl", "-sSko", "/dev/null", "--resolve", f"{DOMAIN}:443:127.0.0.1", link)
    machine.run("systemctl", "start", *app)
    until("it serves again", lambda: site.client.release() is not None, 30)
    written = machine.run("sh", "-c", f"grep -c reset-password {folder}/access.log")
    stage.expect(written.strip() == "1", f"{written} lines in the log after a rotation")
    found = machine.attempt("grep", "-rl", "geheim-4711", folder, "/var/log/nginx").stdout
    stage.expect(not found, f"the token is in {found}")
    stage.note("rotated; a mailed link that was opened while the app was down left no token")


def operations(site: Installation, stage: Stage) -> None:
    """Give migrations a secret that neither the server's user nor its process can read."""
    machine, secret = site.machine, "postgresql://linky:linky@localhost:5433/linky"
    with (machine.root / "etc/linky/local-operations.env").open("a") as settings:
        settings.write(f"LINKY_MIGRATION_DATABASE_URL={secret}\n")
    machine.run("systemctl", "restart", "linky-api.service", "linky-worker.service")
    output = machine.run("linky", "migrate")
    stage.expect("up to date" in output, output)
    for name in ("linky-api", "linky-worker"):
        pid = machine.run("systemctl", "show", "-P", "MainPID", name).strip()
        environment = machine.run("cat", f"/proc/{pid}/environ")
        stage.expect("MIGRATION" not in environment, f"{name} has the secret")
        stage.expect("LINKY_DATABASE_URL" in environment, environment)
    as_server = ("setpriv", "--reuid=linky", "--regid=linky", "--init-groups")
    for file in ("operations.env", "local-operations.env"):
        done = machine.attempt(*as_server, "cat", f"/etc/linky/{file}")
        stage.expect("Permission denied" in done.stdout, f"{file} can be read: {done.stdout}")
    until("it serves again", lambda: site.client.release() is not None, 30)
    stage.note("linky migrate has the owner's URL; the server's user and processes have not")


def export(site: Installation, stage: Stage) -> None:
    """Export the community as docs/moving.md says: the sandbox lets `linky` write nowhere else."""
    machine = site.machine
    output = machine.run("linky", "export", "community", EXPORT)
    stage.expect(f"The community is in {EXPORT}." in output, output)
    stage.expect(machine.run("stat", "-c", "%U %a", EXPORT).strip() == "linky 700", "its folder")
    loose = machine.run("find", EXPORT, "-type", "f", "!", "-perm", "600")
    stage.expect(not loose, f"others may read {loose}")
    rows = machine.run("sh", "-c", f"cat {EXPORT}/tables/*.jsonl | wc -l").strip()
    stage.note(f"linky export community wrote {rows} rows into {EXPORT}")
    # It can be read there too: the refusal comes after community.json.
    for act, folder, refusal in (
        ("import", EXPORT, "the database has users"),
        ("export", "/srv/export", "/srv/export: Read-only file system."),
    ):
        done = machine.attempt("linky", act, "community", folder)
        stage.expect(done.returncode == 1 and refusal in done.stdout, done.stdout)
    machine.run("rm", "-r", EXPORT)


def judge_unnoticed(site: Installation, stage: Stage, result: Load) -> None:
    """Expect in addition that no request waited for the deploy."""
    site.judge(stage, result)
    slowest, start = result.figures["slowest_seconds"], site.start_seconds("linky-api")
    words = f"a request waited for {slowest:.2f} s; a start takes {start:.2f} s"
    stage.expect(slowest <= max(SHORT_WAIT_SECONDS, start / 2), words)
    bridge = site.machine.attempt("systemctl", "is-active", "linky-api-next.service").stdout
    stage.expect(bridge.strip() == "inactive", f"the bridge is {bridge}")


def good_deploy(site: Installation, stage: Stage, release: Release) -> None:
    with site.load() as result:
        seconds, _ = site.deploy(release, 0)
    stage.note(f"linky-deploy took {seconds:.1f} s, its migration included")
    judge_unnoticed(site, stage, result)
    stage.expect(site.client.release() == release.id, "another release serves")


def broken_deploy(site: Installation, stage: Stage, release: Release, before: Release) -> None:
    """Deploy a release that migrates and does not start. The one before must go on serving."""
    pid = site.main_pid("linky-api")
    with site.load() as result:
        seconds, output = site.deploy(release, 4)
    stage.note(f"given up automatically after {seconds:.1f} s")
    judge_unnoticed(site, stage, result)
    stage.expect(site.client.release() == before.id, "the previous release does not serve")
    stage.expect("this release is broken on purpose" in output, f"the reason is missing: {output}")
    stage.expect(site.main_pid("linky-api") == pid, "the service was restarted")


def workerless_deploy(site: Installation, stage: Stage, release: Release, before: Release) -> None:
    """Deploy a release whose worker does not start. The services must be switched back."""
    with site.load() as result:
        seconds, output = site.deploy(release, 4)
    stage.note(f"rolled back automatically after {seconds:.1f} s")
    judge_unnoticed(site, stage, result)
    stage.expect(site.client.release() == before.id, "the previous release does not serve")
    stage.expect("is back and serves" in output, output)
    stage.expect("this release is broken on purpose" in output, f"the reason is missing: {output}")


def refused_deploy(site: Installation, stage: Stage, release: Release, before: Release) -> None:
    """Deploy a release that fails its preflight. Nothing may change."""
    pid = site.main_pid("linky-api")
    seconds, output = site.deploy(release, 1)
    stage.expect("something_that_is_not_there" in output, f"the reason is missing: {output}")
    stage.expect(site.main_pid("linky-api") == pid, "the service was restarted")
    stage.expect(site.client.release() == before.id, "another release serves")
    stage.note(f"refused after {seconds:.1f} s; nothing was restarted")


def way_back(site: Installation, stage: Stage, first: Release, second: Release) -> None:
    """Switch to the previous release, and back to the newer release. Then restart that."""
    with site.load() as result:
        for wanted in (first, second):
            site.machine.run("linky-deploy", "--back", seconds=90)
            stage.expect(site.client.release() == wanted.id, f"it is not {wanted.id} that serves")
        pid = site.main_pid("linky-api")
        site.machine.run("linky-deploy", "--restart", seconds=90)
        stage.expect(site.main_pid("linky-api") != pid, "the service was not restarted")
    judge_unnoticed(site, stage, result)


def standstill(site: Installation, stage: Stage) -> None:
    """Stop the event loop. The watchdog must restart the service, and requests must wait."""
    site.machine.run("mkdir", "-p", "/run/systemd/system/linky-api.service.d")
    site.machine.run(
        "sh",
        "-c",
        "printf '[Service]\\nWatchdogSec=3\\n' > /run/systemd/system/linky-api.service.d/test.conf",
    )
    site.machine.run("systemctl", "daemon-reload")
    site.machine.run("systemctl", "restart", "linky-api.service")
    with site.load() as result:
        before = site.machine.run("systemctl", "show", "-P", "MainPID", "linky-api").strip()
        started = time.monotonic()
        site.machine.run("kill", "-STOP", before)
        until(
            "the service is started again",
            lambda: (
                site.machine.run("systemctl", "show", "-P", "MainPID", "linky-api").strip()
                not in (before, "0")
            ),
            30,
        )
        until("it answers", lambda: site.client.release() is not None, 30)
        seconds = time.monotonic() - started
    stage.note(f"served again {seconds:.1f} s after it stood still (limit 3 s)")
    stage.note(str(result))
    # The requests that it was working on are lost: at most one for each caller.
    stage.expect(len(result.failures) <= MEMBERS, f"requests failed: {result.failures}")
    site.posts = int(site.sql("SELECT count(*) FROM posts"))
    site.machine.run("rm", "-r", "/run/systemd/system/linky-api.service.d")
    site.machine.run("systemctl", "daemon-reload")
    site.machine.run("systemctl", "restart", "linky-api.service")


def reboot(site: Installation, stage: Stage, release: Release) -> None:
    started = time.monotonic()
    site.machine.reboot()
    until("it serves again", lambda: site.client.release() == release.id, 90)
    stage.note(f"served again {time.monotonic() - started:.1f} s after `systemctl reboot`")
    site.machine.run("systemctl", "is-active", *UNITS)
    stage.expect(int(site.sql("SELECT count(*) FROM posts")) == site.posts, "posts are missing")
    failed = site.machine.run("systemctl", "--failed", "--no-legend", "--plain").split("\n")
    ours = [line for line in failed if "linky" in line or "nginx" in line]
    stage.expect(not ours, f"failed units: {ours}")


def first_release_again(site: Installation, stage: Stage, first: Release, now: Release) -> None:
    """Expect that a host whose first installation failed repeats it automatically."""
    site.machine.run("mv", "/opt/linky/current", "/opt/linky/aside")
    site.machine.run("systemctl", "start", "linky-first-release.service", seconds=120)
    stage.expect(site.client.release() == first.id, "the first release does not serve")
    site.machine.run("rm", "/opt/linky/aside")
    site.machine.run("linky-deploy", "--back", now.id, seconds=90)
    stage.note("linky-bootstrap, run again by its unit, installed the release that host.env names")


def disaster(site: Installation, stage: Stage, release: Release) -> None:
    """Back up, drop all tables, then verify and restore the backup, and serve from it."""
    machine, place, key = site.machine, BACKUPS, BACKUP_KEY
    machine.run("install", "-d", "-o", "linky-operations", "-g", "linky", "-m", "0750", place)
    recipients = machine.run("linky", "backup-key", key).splitlines()[-1]
    with (machine.root / "etc/linky/local.env").open("a") as settings:
        settings.write(f"LINKY_BACKUP_TO={place}\n{recipients}\n")
    machine.run("systemctl", "start", "linky-backup.service")
    name = machine.run("linky", "restore", "--list", "--from", place).split()[0]
    output = machine.run("linky", "restore", "--verify", "--identity", key, "--from", place)
    stage.expect("WRONG" not in output, output)
    stage.note(f"the backup is verified: {output.count('ok    ')} checks, none of them wrong")
    started = time.monotonic()
    app = ("linky-api.socket", "linky-api.service", "linky-worker.service")
    machine.run("systemctl", "stop", *app)
    site.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    url = "postgresql://linky:linky@127.0.0.1:5433/linky"
    machine.run("linky", "restore", name, "--into", url, "--identity", key, "--from", place)
    machine.run("linky", "migrate")
    machine.run("systemctl", "start", *app)
    until("it serves again", lambda: site.client.release() == release.id, 60)
    stage.note(f"served again {time.monotonic() - started:.1f} s after all tables were dropped")
    stage.expect(int(site.sql("SELECT count(*) FROM posts")) == site.posts, "posts are missing")
    before = site.people[0]["access_token"]
    site.client.expect(401, "GET", "/api/v1/auth/sessions", token=before)
    member = site.client.sign_in(0)
    site.client.expect(200, "GET", "/api/v1/auth/sessions", token=member)


def doctor(site: Installation, stage: Stage) -> None:
    """Run linky doctor. As on a real host, the name must not resolve to loopback."""
    machine = site.machine
    hosts = machine.root / "etc/hosts"
    before = hosts.read_text()
    machine.run("ip", "address", "add", f"{OUTSIDE}/32", "dev", "lo")
    hosts.write_text(f"127.0.0.1 localhost linky-test\n{OUTSIDE} {DOMAIN}\n")
    with (machine.root / "etc/linky/local.env").open("a") as settings:
        settings.write("SSL_CERT_FILE=/etc/pebble/root.pem\nLINKY_APP_NAME=Asagiri\n")
    output = machine.run("linky", "doctor", seconds=90)
    marks = Counter(line.split()[0] for line in output.splitlines() if line.strip())
    warnings = [line.split(maxsplit=2)[1:] for line in output.splitlines() if line[:4] == "warn"]
    stage.expect(marks["WRONG"] == 0 and marks["ok"] > 10, output)
    # This machine sends no mail. Of all else it has, nothing may worry an operator.
    stage.expect(warnings == [["mail", "mails become files (LINKY_MAIL=file)"]], output)
    stage.note(f"linky doctor: {marks['ok']} are ok, and it warns that mails become files")
    hosts.write_text(before)


def figures_for_cloudwatch(site: Installation, stage: Stage) -> None:
    """Collect the metrics for CloudWatch in the sandbox of their unit."""
    program = (
        "import runpy, sys; m = runpy.run_path(sys.argv[1]); "
        "print(*m['collect'](m['Host']({!r}, '/x'))[0])"
    )
    site.machine.run("mkdir", "-p", "/run/systemd/system/linky-metrics.service.d")
    python = "/opt/linky/current/.venv/bin/python"
    lines = (
        "[Service]",
        "ExecStart=",
        f'ExecStart={python} -c "{program.format(DOMAIN)}" /usr/local/lib/linky/metrics.py',
    )
    text = "\n".join(lines)
    site.machine.run(
        "sh", "-c", "cat > /run/systemd/system/linky-metrics.service.d/test.conf", stdin=text
    )
    site.machine.run("systemctl", "daemon-reload")
    site.machine.run("systemctl", "start", "linky-metrics.service")
    output = site.machine.run("journalctl", "--unit=linky-metrics", "--output=cat", "--no-pager")
    for name in ("JobsOldest", "CertificateLifeLeft", "DiskUsed", "BackupAge", "AppAnswers"):
        stage.expect(f"name='{name}'" in output, f"{name} is missing: {output}")
    figures = re.findall(r"name='(\w+)', value=([\d.]+)", output)
    stage.note(", ".join(f"{name} {float(value):.0f}" for name, value in figures))
