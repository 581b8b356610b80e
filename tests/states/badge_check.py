"""Checks that a user's unread notifications are counted alike, wherever they are counted.

In `GET /notifications/unread-count`, for streams (all users at once), in `GET /changes` (what an
app that kept a cursor knows of the badge), and in the badge of a push.
"""

from collections.abc import Sequence
from uuid import UUID

from app.notification.rows import Badge
from app.notification_delivery.repository.pushes import PushRepository
from app.notification_delivery.service.of_many import ManyReadersService
from tests.states.state import Person
from tests.support.api import expect
from tests.support.world import World


async def wrong_badges(world: World, people: Sequence[Person]) -> list[str]:
    counted = {}
    for person in people:
        body = expect(await person.api.get("/notifications/unread-count"), 200)
        counted[UUID(person.id)] = Badge(body["count"], body["more"])
    async with world.runtime.reading() as ctx:
        for_streams = await ctx.service(ManyReadersService).count_unread(counted)
    wrong = [
        f"the badge of {user} is {for_streams[user]} for streams, but {badge} for itself"
        for user, badge in counted.items()
        if for_streams[user] != badge
    ]
    for person in people:
        badge = counted[UUID(person.id)]
        told = await _told(person)
        if told not in (None, badge):
            wrong.append(f"{person.id} was told of the badge {told}, but it is {badge}")
        person.told = badge
        wrong += [
            f"a push to {person.id} says {number}, but the badge is {badge}"
            for number in await _pushed(world, person)
            if number != badge.unread
        ]
    return wrong


async def _told(person: Person) -> Badge | None:
    """What an app knows of the badge that asked `/changes` after each round.

    None if it does not know: it asks for the first time, has to load its lists again, or may not
    ask.
    """
    while True:
        params = {"since": person.cursor} if person.cursor else {}
        response = await person.api.get("/changes", params=params)
        if response.status_code != 200:
            person.cursor = person.told = None
            return None
        page = response.json()
        if page["reset"] is not None or person.cursor is None:
            person.told = None
        person.cursor = page["cursor"]
        for change in page["changes"]:
            if change["kind"] == "badge":
                person.told = Badge(change["unread"], change["more"])
        if not page["more"]:
            return person.told


async def _pushed(world: World, person: Person) -> set[int]:
    """The badges of a push of the newest unread notification, to each device."""
    page = expect(await person.api.get("/notifications?unread=true&limit=1"), 200)
    async with world.runtime.reading() as ctx:
        repository = PushRepository(ctx.db)
        return {
            row.unread
            for item in page["items"]
            for row in await repository.list_pushes(UUID(item["id"]), None, ctx.clock())
        }
