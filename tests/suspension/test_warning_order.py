"""A warning locks the user before it inserts what names them.

Inserted rows lock the user against an UPDATE of keys alone. A guest who became a member at that
moment, with an address, waited for the warning, and the warning for them: a deadlock.
"""

from tests.support.api import expect
from tests.support.statements import statements
from tests.support.world import World


async def test_a_warning_locks_the_user_before_it_inserts(world: World) -> None:
    admin, member = await world.admin(), await world.member()
    with statements(world.runtime) as sent:
        expect(await admin.post(f"/admin/users/{member.id}/warn", json={"reason": "理由"}), 201)
    locks = [sql for sql, _ in sent if sql.endswith("FOR NO KEY UPDATE") or "INSERT INTO" in sql]
    assert "FROM users" in locks[0]
