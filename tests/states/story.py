"""A story: rounds of acts by chance, all of a round at the same moment, and a look after each.

Six people, two guests among them, and an admin act on a few posts, comments and lounges. When a
round is over and the jobs have run, nothing happens any more, and everything must add up: counts,
lists, notifications, the store. In the end everybody leaves, and nothing of them may remain.

The seed decides who does what to what. How the acts meet is up to the machine, so that a seed may
have to be told several times before it fails again.
"""

import asyncio
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from random import Random

from tests.states import acts_of_admins, acts_of_authors, acts_of_readers
from tests.states.acts import ACTS, SEARCHED, Act, Turn
from tests.states.acts_of_readers import arrive, come_back, go, leave
from tests.states.engine import Watch
from tests.states.facts import Facts
from tests.states.recount import wrong_counts
from tests.states.remains import remains
from tests.states.scene import Person, Scene
from tests.states.sight import Sight
from tests.states.told import missing_notifications
from tests.states.walk import Reader
from tests.states.worker import Worker
from tests.support.api import expect
from tests.support.world import World

REGISTERED_BY = [acts_of_admins, acts_of_authors, acts_of_readers]
ALL_ACTS = tuple(ACTS.values())
"""There once the modules that hold them are imported."""

ROUNDS = 12
MEMBERS, GUESTS = 4, 2
LOUNGES = 55
"""More than the fifty that are remembered as seen lately."""

BUSY = {"member": 4, "guest": 1, "admin": 2}
"""How often each acts, beside the others."""

LEAVES = 0.4
"""How often the one whom a round is about leaves in it, in the middle of all that they do."""

FAVOURED = 8
"""How much more often the acts happen that a round is about."""

MOST_SHOWN = 20
"""One wrong count is wrong in many lists; the count itself comes first."""

WORDS = (*SEARCHED, "部屋")


@dataclass
class Totals:
    """What was done, over all stories."""

    rounds: int = 0
    acts: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    deadlocks: list[str] = field(default_factory=list)
    failed_jobs: Counter[str] = field(default_factory=Counter)

    def summary(self) -> str:
        """What a run that found nothing says of itself."""
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
    """Once for all stories: the admin and the lounges stay."""
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
        await come_back(self.scene.admin)
        self.scene.erased.clear()
        for role in ["member"] * MEMBERS + ["guest"] * GUESTS:
            await arrive(self.scene, role)

    async def play(self) -> None:
        """One round, and the look after it."""
        self.round += 1
        self.scene.begin_round()
        chance = self._chance(0)
        turns = self._turns(chance)
        with self.scene.watch.pausing(self._chance(-1)):
            await self._all_at_once(turns, workers=chance.choice([0, 1, 2]))
        self.totals.rounds += 1
        self.totals.acts.update(act.name for act, _ in turns)
        self.totals.answers += len(self.scene.answers)
        await self._look()

    async def end(self) -> None:
        """Half of all is deleted by its authors, everybody leaves, and nothing of them remains."""
        self.round += 1
        self.scene.begin_round()
        await self._lift_suspensions()
        await self._look(everything=True)
        await self._delete_half()
        await self._look()
        self.scene.begin_round()
        with self.scene.watch.pausing(self._chance(-2)):
            await asyncio.gather(*(go(self.scene, one) for one in self.scene.people))
        facts = await self._look()
        self._fail_if(
            [f"{row} remains" for row in facts.rows("comments") + facts.rows("posts")], facts
        )

    async def _all_at_once(self, turns: list[tuple[Act, Turn]], workers: int) -> None:
        over = asyncio.Event()
        working = [asyncio.ensure_future(self.scene.worker.run_until(over)) for _ in range(workers)]
        await asyncio.gather(*(act.do(turn) for act, turn in turns))
        over.set()
        await asyncio.gather(*working)

    def _chance(self, number: int) -> Random:
        return Random(f"{self.seed}/{self.round}/{number}")

    def _turns(self, chance: Random) -> list[tuple[Act, Turn]]:
        """What happens in this round: a few kinds of act much more often than the others."""
        favoured = set(chance.sample(sorted(ACTS), chance.randint(2, 6)))
        present = self.scene.present()
        active = [one for one in present if not one.may_be_suspended]
        self.scene.spotlight = star = chance.choice(active or present)
        turns = []
        for number in range(1, chance.randint(10, 60)):
            # A chance of its own for each act: one that goes otherwise does not change the next.
            own = self._chance(number)
            everybody = [*self.scene.present(), self.scene.admin]
            busy = [BUSY[one.role] * (4 if one is star else 1) for one in everybody]
            (who,) = own.choices(everybody, busy)
            kinds = [act for act in self.acts if act.may(who)]
            weights = [act.weight * (FAVOURED if act.name in favoured else 1) for act in kinds]
            (act,) = own.choices(kinds, weights)
            turns.append((act, Turn(self.scene, who, own)))
        if leave in self.acts and chance.random() < LEAVES:
            turns.insert(chance.randrange(len(turns)), (leave, Turn(self.scene, star, chance)))
        return turns

    async def _look(self, *, everything: bool = False) -> Facts:
        """All jobs run; then everything must add up."""
        stuck = await self.scene.worker.run_all()
        facts = await Facts.read(self.scene.world)
        self._count_failures()
        problems = [*self.scene.problems, *stuck, *wrong_counts(facts)]
        problems += missing_notifications(self.scene, facts)
        problems += await remains(self.scene.world, facts, self.scene.erased)
        chance = self._chance(-3)
        for person in [*self.scene.present(), self.scene.admin]:
            reader = Reader(person.api, facts, chance, everything=everything)
            problems += await reader.differences(WORDS)
        self._fail_if(problems, facts)
        self.scene.catch_up(facts)
        return facts

    def _count_failures(self) -> None:
        self.totals.deadlocks += self.scene.watch.deadlocks
        self.scene.watch.deadlocks.clear()
        self.totals.failed_jobs.update(one.split(" at ")[0] for one in self.scene.worker.failures)

    async def _lift_suspensions(self) -> None:
        for one in self.scene.present():
            path, form = f"/admin/users/{one.id}", {"status": "active"}
            expect(await self.scene.admin.api.patch(path, json=form), 200)
            one.may_be_suspended = False
            if one.is_signed_out:
                await come_back(one)

    async def _delete_half(self) -> None:
        """What is one's own is within reach, muted and blocked or not; what is hidden is not."""
        facts = await Facts.read(self.scene.world)
        chance = self._chance(-4)
        by_id = {one.id: one for one in self.scene.present()}
        for row in [*facts.rows("comments"), *facts.rows("posts")]:
            author = by_id.get(row["author_id"])
            if author is not None and chance.random() < 0.5:
                sight, kind = Sight(facts, author.id), "posts" if "title" in row else "comments"
                reach = sight.shows_post if kind == "posts" else sight.reaches_own_comment
                wanted = {"204"} if reach(row) else {f"404 {kind[:-1]}_not_found"}
                await self.scene.call(author, "DELETE", f"/{kind}/{row['id']}", wanted)

    def _fail_if(self, problems: list[str], facts: Facts) -> None:
        if not problems:
            return
        lines = [
            f"seed {self.seed}, round {self.round}:",
            *(f"  - {problem}" for problem in problems[:MOST_SHOWN]),
            *([f"  - and {len(problems) - MOST_SHOWN} more"] if len(problems) > MOST_SHOWN else []),
            "the rows, as they are now:",
            *(f"  {row}" for row in self.scene.rows_in(problems[:MOST_SHOWN], facts)),
            "what was answered in this round, in this order:",
            *(f"  {number:3} {line}" for number, line in enumerate(self.scene.answers, 1)),
            *(f"  failed once: {failure}" for failure in self.scene.worker.failures),
            *(f"  deadlock: {statement}" for statement in self.totals.deadlocks),
            "again, as the same acts may meet otherwise:",
            f"  ./dev python -m tests.states --seed {self.seed} --times 10",
        ]
        raise AssertionError("\n".join(self.scene.readable(line) for line in lines))
