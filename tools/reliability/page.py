"""docs/reliability.md and its Japanese twin, made of the summaries in docs/reliability."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.words import Locale, Words
from tools import ROOT
from tools.reliability.summary import Scenario, Suite, TableLock

PAGES: dict[Locale, Path] = {
    "en": ROOT / "docs" / "reliability.md",
    "ja": ROOT / "docs" / "reliability.ja.md",
}


@dataclass(frozen=True, slots=True)
class Heading:
    """How the page shows a suite, and the command that runs it."""

    title: Words
    command: str


SUITES = {
    "faults": Heading(Words("障害", "Faults"), "make test-faults"),
    "overload": Heading(Words("過負荷", "Overload"), "make bench-overload"),
    "soak": Heading(Words("長時間の混合負荷", "Half an hour of mixed load"), "make soak"),
    "cluster": Heading(Words("複数のサーバー", "Several servers"), "make test-cluster"),
    "replica": Heading(Words("リードレプリカ", "A read replica"), "make test-cluster"),
    "upgrade": Heading(
        Words("稼働中の更新と巻き戻し", "An upgrade under load, and the way back"), "make rehearse"
    ),
    "host": Heading(Words("ホストと配備", "The host and deploys"), "make test-host"),
}

INTRODUCTION = Words(
    """\
# 信頼性

どの障害を乗り越えたか、何回か、何が失われたか。`make reliability` が、下のコマンドが残した要約
（[reliability/](reliability) の JSON）から作るページです。手では書き換えません。

- **確認済み**: クライアントが成功の応答を受け取った書き込み。**消失**はそのうち後で無かったもの、
  **重複**は 2 つ以上あったものです。
- **拒否**: 503、または障害中に切れた接続。クライアントはやり直せます。
- **復旧**: 障害が終わってから最初の正常な応答までの時間。最も遅かった回のものです。
""",
    """\
# Reliability

What was survived, how often, and what was lost. `make reliability` makes this page of the
summaries that the commands below leave (JSON in [reliability/](reliability)). It is not written
by hand.

- **Acknowledged**: writes that a client was told are done. Of these, **lost** were not there
  afterwards, and **twice** were there more than once.
- **Refused**: a 503, or a connection that broke during the fault. Clients can try again.
- **Recovery**: from the end of the fault to the first good answer, in the slowest run.
""",
)

COLUMNS = Words(
    "| 状況 | 乗り越えた回数 | 確認済み | 消失 | 重複 | 拒否 | 503 以外の 5xx | 復旧 |",
    "| what happened | survived | acknowledged | lost | twice | refused | other 5xx | recovery |",
)
LOCKS = Words(
    """\
移行がロックした表のうち、更新前からサーバーが使っていたもの。**保持**は長くてもこの時間、**待ち**はほかの接続が
その表を待った最長の時間です。どの読み書きでも取るロックは載せていません。

| 移行 | 表 | ロック | 止めるもの | 保持（ミリ秒） | 待ち（ミリ秒） |
|---|---|---|---|---|---|""",
    """\
What migrations locked of the tables that servers used meanwhile. **Held** is at most so long,
**waited** the longest that another session waited for the table. The locks that every read and
write takes are left out.

| migration | table | lock | stops | held (ms) | waited (ms) |
|---|---|---|---|---|---|""",
)
STOPS = {
    "AccessExclusiveLock": Words("読み書き", "reads and writes"),
    **dict.fromkeys(
        ("ExclusiveLock", "ShareRowExclusiveLock", "ShareLock"), Words("書き込み", "writes")
    ),
    "ShareUpdateExclusiveLock": Words("どちらも止めない", "neither"),
}
NOTES = Words("補足:", "Notes:")
UNIT = Words("秒", "s")


def rendered(suites: Sequence[Suite]) -> dict[Path, str]:
    return {path: "\n".join(_page(suites, locale)) for locale, path in PAGES.items()}


def _page(suites: Sequence[Suite], locale: Locale) -> Iterator[str]:
    yield INTRODUCTION.in_(locale)
    places = list(SUITES)
    for suite in sorted(suites, key=lambda suite: places.index(suite.suite)):
        yield from _section(suite, locale)


def _section(suite: Suite, locale: Locale) -> Iterator[str]:
    heading = SUITES[suite.suite]
    yield f"## {heading.title.in_(locale)}\n"
    yield f"`{heading.command}`, {suite.date}, {suite.commit}; {suite.machine}\n"
    yield COLUMNS.in_(locale)
    yield "|---|---|---|---|---|---|---|---|"
    yield from (_row(scenario, locale) for scenario in suite.scenarios)
    yield ""
    notes = [
        f"- {one.title.in_(locale)}: {one.note.in_(locale)}" for one in suite.scenarios if one.note
    ]
    if notes:
        yield "\n".join([NOTES.in_(locale), "", *notes, ""])
    if suite.locks:
        yield LOCKS.in_(locale)
        yield from (_lock(each, locale) for each in suite.locks)
        yield ""


def _lock(one: TableLock, locale: Locale) -> str:
    stops = STOPS[one.mode].in_(locale)
    times = f"{one.held_ms:,.0f} | {one.waited_ms:,.0f}"
    return f"| {one.migration} | {one.table} | {one.mode} | {stops} | {times} |"


def _row(one: Scenario, locale: Locale) -> str:
    cells = [
        one.title.in_(locale),
        f"{one.survived} / {one.runs}",
        *(f"{n:,}" for n in (one.acknowledged, one.lost, one.twice, one.refused, one.other_5xx)),
        "-" if one.recovery_seconds is None else f"{one.recovery_seconds:.1f} {UNIT.in_(locale)}",
    ]
    return f"| {' | '.join(cells)} |"
