"""The evening of `make bench-spam`, with a tenth of its networks and fewer accounts."""

import pytest

from app.auth.repository.mails import MANY_OF_A_NETWORK
from bench.spam import BEFORE, BY_DEFAULT, WITH_APP_CHECK, Changes, Figures, play
from tests.support.world import World

pytestmark = pytest.mark.anyio

NETWORKS, REGISTRATIONS = 5, 25


async def evening(world: World, changes: Changes) -> Figures:
    return await play(world.app, world, changes, NETWORKS, REGISTRATIONS)


async def test_before_the_limits_all_of_it_was_published(world: World) -> None:
    figures = await evening(world, BEFORE)
    assert figures.accounts == REGISTRATIONS
    # A link was refused to a new account before, and a listed word was held.
    assert figures.held == REGISTRATIONS
    assert figures.published == REGISTRATIONS * (1 + 3 + 3)


async def test_by_default_none_of_it_is_published_and_the_desk_sees_nothing(world: World) -> None:
    figures = await evening(world, BY_DEFAULT | {"sign_up_mails_per_hour": 20})
    # The second half of the mails is for networks that have used fewer than three.
    assert figures.accounts == figures.mails == MANY_OF_A_NETWORK * NETWORKS == 15
    assert figures.refused["mail_busy"] == REGISTRATIONS - 15
    assert figures.refused["email_unverified"] == 15 * 10
    assert figures.published == figures.held == figures.passed["picture"] == 0


async def test_with_app_check_a_script_gets_no_account(world: World) -> None:
    figures = await evening(world, WITH_APP_CHECK)
    assert figures.refused == {"app_check_failed": REGISTRATIONS}
    assert figures.accounts == figures.mails == figures.passed.total() == 0
