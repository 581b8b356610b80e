"""A simulation: rounds of random actions, and a check after each round.

The actions of a round run at the same time. Six people, two of them guests, and an admin act on a
few posts, comments and lounges. After a round and its jobs nothing runs any more, and everything
must add up: counts, lists, notifications and the store. In the end everyone leaves, and none of
their data may remain.

The seed decides who does what to what. The machine decides how the actions interleave, so a failing
seed may need several runs until it fails again.
"""

import asyncio
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from tests.states import (
    admin_actions,
    author_actions,
    console_actions,
    reader_actions,
    suspension_actions,
)
from tests.states.actions import ACTIONS, SEARCHED, Action
from tests.states.badge_check import wrong_badges
from tests.states.console import Console
from tests.states.facts import Facts
from tests.states.hidden_authors import wrongly_hidden
from tests.states.leftovers import leftovers
from tests.states.live_check import LiveCheck
from tests.states.notification_check import missing_notifications
from tests.states.reach import CHANGES, WORD_ACTIONS, Reach
from tests.states.reader_actions import arrive, delete_account, leave, sign_back_in
from tests.states.recount import wrong_counts
from tests.states.state import Person, State
from tests.states.suspension_actions import END_SUSPENSIONS
from tests.states.view import View
from tests.states.walk import Reader
from tests.states.watch import Watch
from tests.states.worker import Worker
from tests.support.api import expect
from tests.support.world import World

REGISTERED_BY = [admin_actions, author_actions, console_actions, reader_actions, suspension_actions]
ALL_ACTIONS = tuple(ACTIONS.values())
"""Filled by importing the modules above, which register their actions."""

ROUNDS = 12
MEMBERS, GUESTS = 4, 2
LOUNGES = 55
"""More than the fifty that the list of recent views keeps."""

BUSY = {"member": 4, "guest": 1, "admin": 2}
"""How often each role acts, relative to the others."""

TURNS = 12
"""More than a tour needs."""

MAKING = ("change_banned_words", "publish_with_pictures", "publish", "comment", "reply", "report")
"""What makes words, and reports of them."""

SCENE = ("publish", "publish_with_pictures", *("comment", "reply", "reply") * 3)
"""What is there before the first round."""

BEFORE = {
    "appeal": ["warn", "warn"],
    "decide_an_appeal": ["warn", "warn", "appeal"],
    "undo_in_console": ["hide_in_bulk", "suspend_in_console", "lift_in_console"],
    "show_content_of_suspended": ["suspend_with_content"],
    "lift_suspension": ["suspend"],
    "lift_in_console": ["suspend_in_console"],
    "suspended_appeals": ["suspend"],
    "suspended_leaves": ["suspend"],
}
"""What a tour plays before an action that would find nothing to do."""

LEAVES = 0.4
"""The probability that the person in focus leaves in the middle of the round."""

FAVOURED = 8
"""How much more often a round's favoured actions happen."""

MAX_SHOWN = 20
"""A wrong count is wrong in many lists. The count itself is shown first."""

WORDS = (*SEARCHED, "部屋")

type Planned = tuple[Action, tuple[State, Person, Random]]


@dataclass
class Totals:
    """What was done in all simulations."""

    rounds: int = 0
    actions: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    deadlocks: list[str] = field(default_factory=list)
    failed_jobs: Counter[str] = field(default_factory=Counter)
    changes: Counter[str] = field(default_factory=Counter)

    @property
    def missing(self) -> list[str]:
        """What no simulation has reached."""
        return sorted((WORD_ACTIONS | CHANGES) - set(self.changes))

    def summary(self) -> str:
        """The summary of a run without failures."""
        never = sorted(set(ACTIONS) - set(self.actions))
        lines = [
            (
                f"{self.rounds} rounds, {self.actions.total()} actions, {self.answers} answers, "
                f"{len(self.deadlocks)} deadlocks"
            ),
            *([f"not done: {', '.join(never)}"] if never else []),
            *([f"not reached: {', '.join(self.missing)}"] if self.missing else []),
            *(f"failed {times} times: {job}" for job, times in self.failed_jobs.items()),
            *sorted(set(self.deadlocks)),
        ]
        return "\n  ".join(lines)


async def open_state(world: World, watch: Watch) -> State:
    """The state shared by all simulations: the admin and the lounges stay."""
    admin = Person("admin", "admin", await world.admin())
    lounges = [(await world.lounge(f"部屋 {number:02}"))["id"] for number in range(LOUNGES)]
    console = await Console.open(world, admin.api)
    state = State(world, watch, Worker(world), admin, console, lounges)
    state.name(admin.id, "admin")
    for number, lounge_id in enumerate(lounges):
        state.name(lounge_id, f"lounge {number}")
    return state


class Simulation:
    def __init__(
        self, state: State, seed: int, totals: Totals, without: Collection[str] = ()
    ) -> None:
        self.state = state
        self.seed = seed
        self.actions = [action for action in ALL_ACTIONS if action.name not in without]
        self.totals = totals
        self.reach = Reach()
        self.live = LiveCheck()
        self.round = 0

    async def start(self) -> None:
        await sign_back_in(self.state.admin)
        self.state.console = await Console.open(self.state.world, self.state.admin.api)
        self.state.erased.clear()
        for role in ["member"] * MEMBERS + ["guest"] * GUESTS:
            await arrive(self.state, role)
        self.state.focus = self.state.present("member")[0]
        await self._play_in_turn([ACTIONS[name] for name in SCENE])

    async def tour(self) -> None:
        """Play the actions by which words go and come back, one after the other, until all did it.

        The rounds choose at random: they need many seeds for that.
        """
        for _ in range(TURNS):
            if not (missing := sorted(WORD_ACTIONS - self.totals.changes.keys())):
                return
            await self._play_in_turn(self._turn(missing))
            await self._check()
            await self._lift_suspensions()

    def _turn(self, missing: list[str]) -> list[Action]:
        """The missing actions, each behind what it needs. Who leaves or is suspended acts first."""
        self.round += 1
        self.state.begin_round()
        chance = self._chance(0)
        chance.shuffle(missing)
        missing.sort(key=lambda name: (ACTIONS[name].role == "admin", "leave" in name))
        names = list(MAKING)
        for name in missing:
            names += [*BEFORE.get(name, [chance.choice(MAKING)]), name]
        self.state.focus = chance.choice(self.state.present("member"))
        return [ACTIONS[name] for name in names]

    async def _play_in_turn(self, actions: list[Action]) -> None:
        for number, action in enumerate(actions):
            own = self._chance(number)
            people = [person for person in self.state.present() if not person.may_be_suspended]
            actors = [person for person in [*people, self.state.admin] if action.may(person)]
            if actors:
                focused = [person for person in actors if person is self.state.focus]
                await action.play(self.state, own.choice(focused or actors), own)
                self.totals.actions[action.name] += 1

    async def run_round(self) -> None:
        """Run one round and the check after it."""
        self.round += 1
        self.state.begin_round()
        chance = self._chance(0)
        steps = self._steps(chance)
        with self.state.watch.pausing(self._chance(-1)):
            await self._run_concurrently(steps, workers=chance.choice([0, 1, 2]))
        self.totals.rounds += 1
        self.totals.actions.update(action.name for action, _ in steps)
        self.totals.answers += len(self.state.answers)
        await self._check()

    async def finish(self) -> None:
        """Authors delete half of their content and everyone leaves. Nothing of them may remain."""
        self.round += 1
        self.state.begin_round()
        await self._lift_suspensions()
        await self._check(everything=True)
        await self._delete_half()
        await self._check()
        self.state.begin_round()
        with self.state.watch.pausing(self._chance(-2)):
            await asyncio.gather(
                *(delete_account(self.state, person) for person in self.state.people)
            )
        facts = await self._check()
        self._fail_if(
            [f"{row} remains" for row in facts.rows("comments") + facts.rows("posts")], facts
        )

    async def _run_concurrently(self, steps: list[Planned], workers: int) -> None:
        finished = asyncio.Event()
        working = [
            asyncio.ensure_future(self.state.worker.run_until(finished)) for _ in range(workers)
        ]
        await asyncio.gather(*(action.play(*step) for action, step in steps))
        finished.set()
        await asyncio.gather(*working)

    def _chance(self, number: int) -> Random:
        return Random(f"{self.seed}/{self.round}/{number}")

    def _steps(self, chance: Random) -> list[Planned]:
        """The actions of this round: a few kinds much more often than the others."""
        favoured = set(chance.sample(sorted(ACTIONS), chance.randint(2, 6)))
        present = self.state.present()
        active = [person for person in present if not person.may_be_suspended]
        self.state.focus = focus = chance.choice(active or present)
        steps = []
        for number in range(1, chance.randint(10, 60)):
            # Each action has its own random numbers: a change in one does not change the next.
            own = self._chance(number)
            everyone = [*self.state.present(), self.state.admin]
            busy = [BUSY[person.role] * (4 if person is focus else 1) for person in everyone]
            (actor,) = own.choices(everyone, busy)
            kinds = [action for action in self.actions if action.may(actor)]
            weights = [
                action.weight * (FAVOURED if action.name in favoured else 1) for action in kinds
            ]
            (action,) = own.choices(kinds, weights)
            steps.append((action, (self.state, actor, own)))
        if leave in self.actions and chance.random() < LEAVES:
            steps.insert(chance.randrange(len(steps)), (leave, (self.state, focus, chance)))
        return steps

    async def _check(self, *, everything: bool = False) -> Facts:
        """Run all jobs, then check that everything adds up."""
        stuck = await self._settle()
        facts = await self._read()
        self._count_failures()
        problems = [*self.state.problems, *stuck, *wrong_counts(facts)]
        problems += self.state.log.differences(facts)
        self._note_reached(facts)
        problems += missing_notifications(self.state, facts)
        problems += wrongly_hidden(facts)
        problems += await leftovers(self.state.world, facts, self.state.erased)
        people = [*self.state.present(), self.state.admin]
        problems += await wrong_badges(self.state.world, people)
        chance = self._chance(-3)
        for person in people:
            reader = Reader(person.api, facts, chance, everything=everything)
            problems += await reader.differences(WORDS)
        # Last: to load a lounge notes a view of it.
        problems += await self.live.differences(facts, self.state.present(), self._chance(-5))
        self._fail_if(problems, facts)
        self.state.forget_deleted(facts)
        return facts

    async def _settle(self) -> list[str]:
        """Let the short suspensions end, and run all jobs. Returns a line if one keeps failing."""
        rest = self.state.suspended_until - datetime.now(UTC)
        await asyncio.sleep(max(0, rest.total_seconds()))
        await self.state.worker.run_periodic(END_SUSPENSIONS)
        return await self.state.worker.run_all()

    async def _read(self) -> Facts:
        return await Facts.read(self.state.world, self.state.log.last_id)

    def _note_reached(self, facts: Facts) -> None:
        self.totals.changes.update(self.state.reached)
        self.totals.changes.update(self.reach.changes(self.state.log.new, facts))
        self.state.reached.clear()

    def _count_failures(self) -> None:
        self.totals.deadlocks += self.state.watch.deadlocks
        self.state.watch.deadlocks.clear()
        self.totals.failed_jobs.update(
            failure.split(" at ")[0] for failure in self.state.worker.failures
        )

    async def _lift_suspensions(self) -> None:
        for person in self.state.present():
            path, form = f"/admin/users/{person.id}", {"status": "active"}
            expect(await self.state.admin.api.patch(path, json=form), 200)
            self.state.log.expect("user.changed", person.id)
            person.may_be_suspended = False
            if person.is_signed_out:
                await sign_back_in(person)

    async def _delete_half(self) -> None:
        """Authors can delete their own content despite mutes and blocks, but not hidden content."""
        facts = await self._read()
        chance = self._chance(-4)
        by_id = {person.id: person for person in self.state.present()}
        for row in [*facts.rows("comments"), *facts.rows("posts")]:
            author = by_id.get(row["author_id"])
            if author is not None and chance.random() < 0.5:
                view, kind = View(facts, author.id), "posts" if "title" in row else "comments"
                can_delete = view.shows_post if kind == "posts" else view.deletes_own_comment
                wanted = {"204"} if can_delete(row) else {f"404 {kind[:-1]}_not_found"}
                await self.state.call(author, "DELETE", f"/{kind}/{row['id']}", wanted)

    def _fail_if(self, problems: list[str], facts: Facts) -> None:
        if not problems:
            return
        lines = [
            f"seed {self.seed}, round {self.round}:",
            *(f"  - {problem}" for problem in problems[:MAX_SHOWN]),
            *([f"  - and {len(problems) - MAX_SHOWN} more"] if len(problems) > MAX_SHOWN else []),
            "the rows, as they are now:",
            *(f"  {row}" for row in self.state.rows_in(problems[:MAX_SHOWN], facts)),
            "what was answered in this round, in this order:",
            *(f"  {number:3} {line}" for number, line in enumerate(self.state.answers, 1)),
            *(f"  failed once: {failure}" for failure in self.state.worker.failures),
            *(f"  deadlock: {statement}" for statement in self.totals.deadlocks),
            "to repeat it (several times, because the actions may interleave differently):",
            f"  ./dev python -m tests.states --seed {self.seed} --times 10",
        ]
        raise AssertionError("\n".join(self.state.readable(line) for line in lines))
