"""Every SQL statement about lounges, favourites and recent views."""

from app.lounge.repository.favorites import FavoriteRepository
from app.lounge.repository.lounges import LoungeRepository
from app.lounge.repository.reading import START, LoungeReader, sort_key
from app.lounge.repository.recent_views import RECENT_VIEWS, RecentViewRepository

__all__ = [
    "RECENT_VIEWS",
    "START",
    "FavoriteRepository",
    "LoungeReader",
    "LoungeRepository",
    "RecentViewRepository",
    "sort_key",
]
