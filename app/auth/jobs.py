"""What the worker does for auth."""

from app.auth.service import AuthService
from app.core.context import Context
from app.core.jobs import Periodic


async def forget_what_is_over(ctx: Context) -> None:
    await AuthService(ctx).forget_what_is_over()


PERIODICS = [Periodic("auth.forget_what_is_over", "17 * * * *", forget_what_is_over)]
