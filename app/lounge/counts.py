"""The column of lounges that counts favorites."""

from sqlalchemy import func, select

from app.core.counts import Count
from app.lounge.models import Lounge, LoungeFavorite

_FAVORITES = select(func.count()).where(LoungeFavorite.lounge_id == Lounge.id).correlate(Lounge)

COUNTS = [Count(Lounge, "favorite_count", _FAVORITES.scalar_subquery())]
