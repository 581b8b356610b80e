"""A story: rounds of random acts, all acts of a round at the same time, and a check after each.

Six people, two of them guests, and an admin act on a few posts, comments and lounges. After a round
and its jobs nothing runs any more, and everything must add up: counts, lists, notifications and the
store. In the end everybody leaves, and none of their data may remain.

The seed decides who does what to what. The machine decides how the acts interleave, so a failing
seed may need several runs until it fails again.
"""

import asyncio
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from random import Random

from tests.states import acts_of_admins, acts_of_authors, acts_of_readers
from tests.states.acts import ACTS, SEARCHED, Act, Turn
from tests.states.acts_of_readers import arrive, delete_account, leave, sign_back_in
from tests.states.engine import Watch
from tests.states.facts import Facts
from tests.states.leftovers import leftovers
from tests.states.notification_check import missing_notifications
from tests.states.recount import wrong_counts
from tests.states.scene import Person, Scene
from tests.states.view import View
from tests.states.walk import Reader
from tests.states.worker import Worker
from tests.support.api import expect
from tests.support.world import World

REGISTERED_BY = [acts_of_admins, acts_of_authors, acts_of_readers]
ALL_ACTS = tuple(ACTS.values())
"""Filled by importing the modules above, which register their acts."""

ROUNDS = 12
MEMBERS, GUESTS = 4, 2
LOUNGES = 55
"""More than the fifty that the list of recent views keeps."""

BUSY = {"member": 4, "guest": 1, "admin": 2}
"""How often each role acts, relative to the others."""

LEAVES = 0.4
"""The probability that the person in the spotlight leaves in the middle of the round."""

FAVOURED = 8
"""How much more often a round's favoured acts happen."""

MAX_SHOWN = 20
"""A wrong count is wrong in many lists. The count itself is shown first."""

WORDS = (*SEARCHED, "部屋")


@dataclass
class Totals:
    """What was done in all stories."""

    rounds: int = 0
    acts: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    deadlocks: list[str] = field(default_factory=list)
    failed_jobs: Counter[str] = field(default_factory=Counter)

    def summary(self) -> str:
        """The summary of a run without failures."""
        never = sorted(set(ACTS) - set(self.acts))
        lines = [
            (
                f"{self.rounds} rounds, {self.acts.total()} acts, {self.answers} answers, "
                f"{len(self.deadlocks)} deadlocks"
            ),
            *([f"not done: {', '.join(never)}"] if never else []),
            *(f"failed {times} times: {job}" for job, times in self.failed_jobs.items()),
            *sorted(set(self.deadlocks)),
        ]
        return "\n  ".join(lines)


async def open_scene(world: World) -> Scene:
    """The state shared by all stories: the admin and the lounges stay."""
    admin = Person("admin", "admin", await world.admin())
    lounges = [(await world.lounge(f"部屋 {number:02}"))["id"] for number in range(LOUNGES)]
    scene = Scene(world, Watch(world.runtime.engine), Worker(world), admin, lounges)
    scene.name(admin.id, "admin")
    for number, lounge_id in enumerate(lounges):
        scene.name(lounge_id, f"lounge {number}")
    return scene


class Story:
    def __init__(
        self, scene: Scene, seed: int, totals: Totals, without: Collection[str] = ()
    ) -> None:
        self.scene = scene
        self.seed = seed
        self.acts = [act for act in ALL_ACTS if act.name not in without]
        self.totals = totals
        self.round = 0

    async def begin(self) -> None:
        await sign_back_in(self.scene.admin)
        self.scene.erased.clear()
        for role in ["member"] * MEMBERS + ["guest"] * GUESTS:
            await arrive(self.scene, role)

    async def play(self) -> None:
        """Run one round and the check after it."""
        self.round += 1
        self.scene.begin_round()
        chance = self._chance(0)
        turns = self._turns(chance)
        with self.scene.watch.pausing(self._chance(-1)):
            await self._all_at_once(turns, workers=chance.choice([0, 1, 2]))
        self.totals.rounds += 1
        self.totals.acts.update(act.name for act, _ in turns)
        self.totals.answers += len(self.scene.answers)
        await self._check()

    async def end(self) -> None:
        """Authors delete half of their content and everybody leaves. Nothing of them may remain."""
        self.round += 1
        self.scene.begin_round()
        await self._lift_suspensions()
        await self._check(everything=True)
        await self._delete_half()
        await self._check()
        self.scene.begin_round()
        with self.scene.watch.pausing(self._chance(-2)):
            await asyncio.gather(
                *(delete_account(self.scene, person) for person in self.scene.people)
            )
        facts = await self._check()
        self._fail_if(
            [f"{row} remains" for row in facts.rows("comments") + facts.rows("posts")], facts
        )

    async def _all_at_once(self, turns: list[tuple[Act, Turn]], workers: int) -> None:
        finished = asyncio.Event()
        working = [
            asyncio.ensure_future(self.scene.worker.run_until(finished)) for _ in range(workers)
        ]
        await asyncio.gather(*(act.do(turn) for act, turn in turns))
        finished.set()
        await asyncio.gather(*working)

    def _chance(self, number: int) -> Random:
        return Random(f"{self.seed}/{self.round}/{number}")

    def _turns(self, chance: Random) -> list[tuple[Act, Turn]]:
        """The acts of this round: a few kinds much more often than the others."""
        favoured = set(chance.sample(sorted(ACTS), chance.randint(2, 6)))
        present = self.scene.present()
        active = [person for person in present if not person.may_be_suspended]
        self.scene.spotlight = star = chance.choice(active or present)
        turns = []
        for number in range(1, chance.randint(10, 60)):
            # Each act has its own random numbers, so a change in one act does not change the next.
            own = self._chance(number)
            everybody = [*self.scene.present(), self.scene.admin]
            busy = [BUSY[person.role] * (4 if person is star else 1) for person in everybody]
            (actor,) = own.choices(everybody, busy)
            kinds = [act for act in self.acts if act.may(actor)]
            weights = [act.weight * (FAVOURED if act.name in favoured else 1) for act in kinds]
            (act,) = own.choices(kinds, weights)
            turns.append((act, Turn(self.scene, actor, own)))
        if leave in self.acts and chance.random() < LEAVES:
            turns.insert(chance.randrange(len(turns)), (leave, Turn(self.scene, star, chance)))
        return turns

    async def _check(self, *, everything: bool = False) -> Facts:
        """Run all jobs, then check that everything adds up."""
        stuck = await self.scene.worker.run_all()
        facts = await Facts.read(self.scene.world)
        self._count_failures()
        problems = [*self.scene.problems, *stuck, *wrong_counts(facts)]
        problems += missing_notifications(self.scene, facts)
        problems += await leftovers(self.scene.world, facts, self.scene.erased)
        chance = self._chance(-3)
        for person in [*self.scene.present(), self.scene.admin]:
            reader = Reader(person.api, facts, chance, everything=everything)
            problems += await reader.differences(WORDS)
        self._fail_if(problems, facts)
        self.scene.forget_deleted(facts)
        return facts

    def _count_failures(self) -> None:
        self.totals.deadlocks += self.scene.watch.deadlocks
        self.scene.watch.deadlocks.clear()
        self.totals.failed_jobs.update(
            failure.split(" at ")[0] for failure in self.scene.worker.failures
        )

    async def _lift_suspensions(self) -> None:
        for person in self.scene.present():
            path, form = f"/admin/users/{person.id}", {"status": "active"}
            expect(await self.scene.admin.api.patch(path, json=form), 200)
            person.may_be_suspended = False
            if person.is_signed_out:
                await sign_back_in(person)

    async def _delete_half(self) -> None:
        """Authors can delete their own content despite mutes and blocks, but not hidden content."""
        facts = await Facts.read(self.scene.world)
        chance = self._chance(-4)
        by_id = {person.id: person for person in self.scene.present()}
        for row in [*facts.rows("comments"), *facts.rows("posts")]:
            author = by_id.get(row["author_id"])
            if author is not None and chance.random() < 0.5:
                view, kind = View(facts, author.id), "posts" if "title" in row else "comments"
                can_reach = view.shows_post if kind == "posts" else view.reaches_own_comment
                wanted = {"204"} if can_reach(row) else {f"404 {kind[:-1]}_not_found"}
                await self.scene.call(author, "DELETE", f"/{kind}/{row['id']}", wanted)

    def _fail_if(self, problems: list[str], facts: Facts) -> None:
        if not problems:
            return
        lines = [
            f"seed {self.seed}, round {self.round}:",
            *(f"  - {problem}" for problem in problems[:MAX_SHOWN]),
            *([f"  - and {len(problems) - MAX_SHOWN} more"] if len(problems) > MAX_SHOWN else []),
            "the rows, as they are now:",
            *(f"  {row}" for row in self.scene.rows_in(problems[:MAX_SHOWN], facts)),
            "what was answered in this round, in this order:",
            *(f"  {number:3} {line}" for number, line in enumerate(self.scene.answers, 1)),
            *(f"  failed once: {failure}" for failure in self.scene.worker.failures),
            *(f"  deadlock: {statement}" for statement in self.totals.deadlocks),
            "to repeat it (several times, because the acts may interleave differently):",
            f"  ./dev python -m tests.states --seed {self.seed} --times 10",
        ]
        raise AssertionError("\n".join(self.scene.readable(line) for line in lines))
