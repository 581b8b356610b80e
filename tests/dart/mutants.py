"""`./dev python -m tests.dart.mutants [NAME...]`: each mutant of `lib/` must fail a test.

Each is one change of one line. Half an hour: the virtual machine compiles everything for each.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from app.core.logging import configure_logging
from app.operations import embedded
from tests.dart.__main__ import run, suites
from tests.support import photos
from tests.support.database import template_url
from tests.support.demo import demo_server
from tools.dart.packages import CLIENTS
from tools.dart.vm import find_vm


class Mutant(NamedTuple):
    """`old` becomes `new` in a file below `lib/src`. `tests` are words of the tests to run."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...] = ("_test",)


MUTANTS = (
    Mutant(
        "content-length",
        "transport.dart",
        "upload.bytes.length + _end().length",
        "upload.bytes.length + _end().length + 1",
        ("three pictures",),
    ),
    Mutant("no-deadline", "transport.dart", "call.isRead ? policy.readWithin : null", "null"),
    Mutant("no-abort", "transport.dart", "      abort.complete();\n", ""),
    Mutant(
        "cancel-waits",
        "transport.dart",
        "await ending.or(Future<void>.delayed(wait));",
        "await Future<void>.delayed(wait);",
    ),
    Mutant("no-key", "transport.dart", "call.options.key ?? randomId()", "randomId()"),
    Mutant(
        "endless-refresh",
        "transport.dart",
        "problem.status != 401 || attempt.refreshes >= _maxRefreshes",
        "problem.status != 401 && attempt.refreshes >= _maxRefreshes",
    ),
    Mutant("repeats-posts", "policy.dart", "mayHaveArrived && !call.mayBeRepeated", "false"),
    Mutant("other-user", "session.dart", "userId != null && userId != tokens.userId", "false"),
    Mutant("reads-store-always", "session.dart", "_held ?? await _load()", "await _load()"),
    Mutant("refreshes-always", "session.dart", "if (_isOld(stored)) {", "if (!_isOld(stored)) {"),
    Mutant(
        "keeps-ended",
        "session.dart",
        "now == null && _ended.contains",
        "now != null && _ended.contains",
    ),
    Mutant(
        "keeps-tokens-in-memory",
        "session.dart",
        "    _held = null;\n    await _store",
        "    await _store",
    ),
    Mutant("draft-new-key", "draft.dart", "options.copyWith(key: _state.key,", "options.copyWith("),
    Mutant(
        "draft-forgets-attempt",
        "draft.dart",
        "await _save(_state.withAttempt(body, DateTime.now()));",
        "",
    ),
    Mutant(
        "draft-sends-edit",
        "draft.dart",
        "_kind.change != null && _state.wasEdited(wanted)",
        "false",
    ),
    Mutant(
        "others-drafts", "drafts.dart", "state != null && state.userId == userId", "state != null"
    ),
    Mutant(
        "outbox-silent",
        "draft.dart",
        "      outbox.tell(DraftSent(id, kind, made));\n",
        "",
        ("圏外", "without a network"),
    ),
    Mutant("copy-takes-older", "copy_state.dart", "known != null && known.asOf > asOf", "false"),
    Mutant("copy-forgets-marks", "copy_state.dart", "asOf < (_marksToldAt[key] ?? never)", "false"),
    Mutant(
        "copy-revives-authors",
        "copy_state.dart",
        "if (goneAt != never) {",
        "if (goneAt == never - 1) {",
    ),
    Mutant("copy-of-another", "copy_state.dart", "head['user_id'] != user", "false"),
    Mutant(
        "half-a-step",
        "file_copy_store.dart",
        "step is! List<Object?> || step.length != 2",
        "step is! List<Object?>",
    ),
    Mutant(
        "gone-loads",
        "offline_copy.dart",
        "!hasRoots(listing) || (data == null && !listing.isDue)",
        "false",
        ("loading from gone",),
    ),
    Mutant("progress-goes-back", "draft.dart", "max(_sent[pictureId] ?? 0, sent)", "sent"),
    Mutant("no-return", "live.dart", "          onAnswer();\n", ""),
    Mutant("return-storm", "live_events.dart", "_clock.elapsed >= _sendAfter", "true"),
    Mutant("leaves-drafts", "session.dart", "    _hooksFor = userId;\n", ""),
    Mutant(
        "left-when-ended", "session.dart", "if (code.isNotEmpty && _isLeaving) {", "if (false) {"
    ),
    Mutant("no-take-back", "acts.dart", "          takeBack();\n", "", ("taken back",)),
    Mutant("wrong-hash", "sha256.dart", "_turned(near, 17)", "_turned(near, 18)"),
)


def main() -> int:
    chosen = [one for one in MUTANTS if not sys.argv[1:] or one.name in sys.argv[1:]]
    configure_logging("error", as_json=True)
    vm = find_vm()
    survived = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "photo.jpg").write_bytes(photos.jpeg())
        try:
            with demo_server(template_url(folder / "postgres"), folder, folder) as server:
                for mutant in chosen:
                    linky = mutated(mutant, folder / "mutants" / mutant.name)
                    environment = {"BASE": server.url, "FOLDER": name}
                    status = run(vm, [*mutant.tests], environment, linky)
                    assert status in (0, 1), f"{mutant.name} does not compile"
                    if status == 0:
                        survived.append(mutant.name)
                    print(f"{'survived' if mutant.name in survived else 'killed'}  {mutant.name}")
        finally:
            embedded.release()
    print(f"{len(chosen) - len(survived)} of {len(chosen)} killed; survived: {survived}")
    return 1 if survived else 0


def mutated(mutant: Mutant, folder: Path) -> Path:
    """A copy of the package with the change. The tests are those of the original."""
    assert suites()
    shutil.copytree(CLIENTS / "linky", folder)
    path = folder / "lib" / "src" / mutant.file
    source = path.read_text(encoding="utf-8")
    assert source.count(mutant.old) == 1, (mutant.name, source.count(mutant.old))
    path.write_text(source.replace(mutant.old, mutant.new), encoding="utf-8")
    return folder


if __name__ == "__main__":
    sys.exit(main())
