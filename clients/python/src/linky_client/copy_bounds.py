"""How much the offline copy keeps, and what goes first."""

from collections.abc import Collection, Iterable
from typing import Final

from linky_client.copy_records import ME, Item, Listing

MOST_TOPICS: Final = 20
"""The server takes no more. The one that was not used for longest goes."""

MOST_ITEMS: Final = 2_000
LOOSE_ITEMS: Final = 500
"""Things that no list shows: those that are gone, and those beyond what was loaded."""

PAGE: Final = 50
"""Items that are loaded at once."""


def oldest_topic(listings: Iterable[Listing]) -> str:
    """The topic, besides the user's own, that was not used for longest."""
    used: dict[str, int] = {}
    for one in listings:
        if one.topic != ME:
            used[one.topic] = max(one.used, used.get(one.topic, 0))
    return min(used, key=lambda topic: (used[topic], topic))


def shown_and_loose(
    items: Collection[Item], listings: Collection[Listing]
) -> tuple[int, list[Item]]:
    """How many items a list shows, and the items that no list shows."""
    loose = [
        item
        for item in items
        if not any(
            one.holds(item) and (one.shape.is_single or one.reaches(item.id)) for one in listings
        )
    ]
    return len(items) - len(loose), loose
