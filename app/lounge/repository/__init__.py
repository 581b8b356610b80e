"""Every SQL statement about lounges, favourites, recent views and subscriptions."""

from app.lounge.repository.favorites import FavoriteRepository
from app.lounge.repository.lounges import LoungeRepository
from app.lounge.repository.reading import RECENT_VIEWS, START, LoungeReader, sort_key
from app.lounge.repository.recent_views import RecentViewRepository
from app.lounge.repository.subscriptions import SubscriptionRepository

__all__ = [
    "RECENT_VIEWS",
    "START",
    "FavoriteRepository",
    "LoungeReader",
    "LoungeRepository",
    "RecentViewRepository",
    "SubscriptionRepository",
    "sort_key",
]
