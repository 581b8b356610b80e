"""The counted column of warnings."""

from sqlalchemy import func, select

from app.core.counts import Count
from app.suspension.models import GivenWarning
from app.user.models import User

_WARNINGS = (
    select(func.count())
    .where(GivenWarning.user_id == User.id, GivenWarning.withdrawn_at.is_(None))
    .correlate(User)
)

COUNTS = [Count(User, "warning_count", _WARNINGS.scalar_subquery())]
