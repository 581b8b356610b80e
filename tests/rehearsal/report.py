"""What a rehearsal found: as outcomes for docs/reliability.md, and as lines to read."""

import os
from collections.abc import Iterator, Mapping

from app.core.texts import Text
from tests.rehearsal.load import Stage
from tests.rehearsal.stages import AGAIN, BACK, CONTRACT, UP, Found
from tests.support.outcomes import Outcome

SUITE = "upgrade"
SHOWN = 20
"""Failures that are printed."""


def titles(before: str, after: str) -> dict[str, Text]:
    return {
        UP: Text(f"{before} から {after} へ", f"From {before} to {after}"),
        BACK: Text(f"{before} へ戻す", f"Back to {before}"),
        AGAIN: Text(f"もう一度 {after} へ", f"To {after} once more"),
        CONTRACT: Text("縮小の移行（contract）", "The contracts"),
    }


def outcomes(
    found: Found, kept: Mapping[str, int], before: str, after: str, posts: int
) -> list[Outcome]:
    """One for each stage of the rehearsal. What is missing is lost by the stage that wrote it."""
    stages = {stage.name: stage for stage in found.ledger.stages}
    return [
        _outcome(f"{number}-{name}", title, stages[name], kept, _note(found, name, stages, posts))
        for number, (name, title) in enumerate(titles(before, after).items(), 1)
    ]


def _outcome(name: str, title: Text, stage: Stage, kept: Mapping[str, int], note: Text) -> Outcome:
    times = [kept[text] for text in stage.acknowledged if text in kept]
    return Outcome(
        name=name,
        title=title,
        acknowledged=len(stage.acknowledged),
        lost=times.count(0),
        twice=sum(number > 1 for number in times),
        refused=stage.refused,
        other_5xx=stage.other_5xx,
        recovered=not stage.failures,
        note=note,
    )


def _note(found: Found, name: str, stages: Mapping[str, Stage], posts: int) -> Text:
    stage, cores = stages[name], os.cpu_count() or 1
    ja = [f"投稿 {posts:,} 件", f"要求 {stage.requests:,}、最も遅い応答 {stage.slowest:.1f} 秒"]
    en = [f"{posts:,} posts, {stage.requests:,} requests, the slowest took {stage.slowest:.1f} s."]
    for words, seconds in found.seconds.items():
        of_stage, _, command = words.partition(": ")
        if of_stage == name:
            ja.append(f"`{command}` {seconds:.0f} 秒")
            en.append(f"`{command}` took {seconds:.0f} s.")
    if name == UP and found.busy > cores:
        ja.append(f"{cores} コアにほかの仕事も合わせて {found.busy:.0f} プロセスあり、時間は長め")
        en.append(f"Others used the {cores} cores, too: {found.busy:.0f} processes wanted one.")
    if name == CONTRACT and found.gone:
        gone = ", ".join(f"`{each}`" for each in found.gone)
        ja.append(f"なくなったもの: {gone}")
        en.append(f"Gone: {gone}.")
    return Text("。".join(ja) + "。", " ".join(en))


def lines(found: Found, outcomes: list[Outcome]) -> Iterator[str]:
    for lock in found.locks:
        yield (
            f"{lock.migration}  {lock.table:24} {lock.mode:26}"
            f" held {lock.held_ms:8.1f} ms, waited for {lock.waited_ms:8.1f} ms"
        )
    yield f"Locks were looked at every {found.look_ms:.1f} ms."
    for one in outcomes:
        yield (
            f"{one.title.en}: {one.acknowledged:,} acknowledged, {one.lost} lost,"
            f" {one.twice} twice, {one.refused} refused, {one.other_5xx} other 5xx"
        )
    yield from wrong(found, outcomes)


def wrong(found: Found, outcomes: list[Outcome]) -> list[str]:
    """What makes the rehearsal fail. Empty if nothing does."""
    failures = [
        f"{stage.name}: {words}"
        for stage in found.ledger.stages
        for words in (
            *stage.failures[:SHOWN],
            *([f"{len(stage.failures)} in all"] if len(stage.failures) > SHOWN else []),
        )
    ]
    lost = [
        f"{one.name}: {one.lost} lost, {one.twice} twice"
        for one in outcomes
        if one.lost or one.twice
    ]
    return [f"FAILED: {words}" for words in (*failures, *lost, *found.problems)]
