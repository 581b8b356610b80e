"""SQL statements that publish notifications whose post or comment has changed."""

from sqlalchemy import ARRAY, Uuid, and_, cast, column, func, or_, select, true

from app.core.db import Repository
from app.live_log.writing import logged
from app.notification.enums import About
from app.notification.models import Notification
from app.notification.rows import ChangedContent
from app.notification.writes import NOTIFICATION_BATCH_ROWS, notification_changes

_ABOUT = {About.POST: Notification.post_id, About.COMMENT: Notification.comment_id}


class PublishingRepository(Repository):
    async def publish(self, changed: ChangedContent) -> ChangedContent | None:
        """Publish a batch of changed notifications. Returns what may be left."""
        about = _ABOUT[changed.about]
        given = func.unnest(cast(changed.ids, ARRAY(Uuid))).table_valued(column("id", Uuid))
        # Sorted in a part of their own. Otherwise the planner sorts what was found.
        things = given.render_derived("given")
        thing = select(things.c.id).order_by(things.c.id).subquery("thing")
        is_later = or_(thing.c.id != changed.ids[0], Notification.id > changed.after_id)
        of_one = (
            select(Notification.id, Notification.user_id)
            .where(and_(about == thing.c.id, is_later))
            .order_by(Notification.id)
            .limit(NOTIFICATION_BATCH_ROWS)
            .lateral("of_one")
        )
        found = (
            select(thing.c.id.label("thing_id"), of_one.c.id, of_one.c.user_id)
            .join(of_one, true())
            .order_by(thing.c.id, of_one.c.id)
            .limit(NOTIFICATION_BATCH_ROWS)
            .cte("found")
        )
        published = logged(notification_changes(found))
        rows = await self._db.all(select(found.c.thing_id, found.c.id).add_cte(published))
        if len(rows) < NOTIFICATION_BATCH_ROWS:
            return None
        last_thing, last_id = max(rows)
        return ChangedContent(
            changed.about, [id_ for id_ in changed.ids if id_ >= last_thing], last_id
        )
