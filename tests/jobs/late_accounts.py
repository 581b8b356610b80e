"""Jobs about accounts: what enqueues them, and what may have changed when they run."""

from app.account.jobs import end_idle_guests
from app.auth.jobs import close_lapsed_emails
from tests.support.api import expect
from tests.support.auth import nonce
from tests.support.browser import Browser, query_of
from tests.support.late import GIVES_UP, LEFT, VERIFIED, LateJob, Stage, by_sql, later, leaves
from tests.support.leaving import leave
from tests.support.methods import LATE, METHODS, link, social
from tests.support.provider import APPLE, Picture
from tests.support.world import PASSWORD, picture

BUNDLE = APPLE[0]

ERASED = by_sql("DELETE FROM users WHERE id = :user")
TOKEN_IS_GONE = by_sql("DELETE FROM auth_provider_tokens")
MAIL, LINK = frozenset({"mail"}), frozenset({"mail", "auth_mail_tokens"})


async def key_is_lost(stage: Stage) -> None:
    """The signing key was changed, and the one before it was removed."""
    settings = stage.world.runtime.settings
    keys = {"jwt_keys": ("another:" + "k" * 40,)}
    stage.world.runtime.settings = type(settings)(**(settings.model_dump() | keys))


async def email_is_removed(stage: Stage) -> None:
    """The address goes with it. The user signs in by LINE."""
    expect(await link(stage.world, stage.user, "line", "U-late", exp=LATE), 201)
    body = {"password": stage.user.password}
    expect(await stage.user.call("DELETE", f"{METHODS}/email", json=body), 204)


# Mails


async def registers(stage: Stage) -> None:
    stage.user = await stage.world.register()


async def forgets_password(stage: Stage) -> None:
    await VERIFIED(stage)
    body = {"email": stage.user.email}
    expect(await stage.world.anonymous().post("/auth/password/forgot", json=body), 202)


async def asks_to_leave_by_mail(stage: Stage) -> None:
    await VERIFIED(stage)
    form = {"email": stage.user.email}
    answer = await stage.world.http.post("http://test/account/delete", data=form)
    assert answer.status_code == 202, answer.text


async def changes_password(stage: Stage) -> None:
    await VERIFIED(stage)
    body = {"current_password": PASSWORD, "new_password": "umi-no-nami-2093"}
    expect(await stage.user.post("/auth/password/change", json=body), 204)
    stage.user.password = body["new_password"]


async def asks_for_another_address(stage: Stage) -> None:
    body = {"email": "another@example.com", "password": PASSWORD}
    expect(await stage.user.post("/users/me/email", json=body), 202)


async def signs_out(stage: Stage) -> None:
    body = {"refresh_token": stage.user.refresh_token}
    expect(await stage.user.post("/auth/logout", json=body), 204)


async def links_line(stage: Stage) -> None:
    await VERIFIED(stage)
    expect(await link(stage.world, stage.user, "line", "U1", exp=LATE), 201)


ADDRESS_IS_GONE = by_sql(
    "UPDATE users SET email = NULL, email_verified_at = NULL, password_hash = NULL WHERE id = :user"
)

PROVES_NOTHING = by_sql(
    "UPDATE users SET email_verified_at = NULL WHERE id = :user",
    "INSERT INTO user_identities (user_id, provider, subject, email_verified, created_at)"
    " VALUES (:user, 'line', 'U1', false, now() - interval '1 day')",
)
"""The account has another identity, which is older than its address."""

NO_PASSWORD = by_sql("UPDATE users SET password_hash = NULL WHERE id = :user")
LAPSED = by_sql("UPDATE users SET email_lapses_at = now() - interval '1 hour' WHERE id = :user")

MAILS = [
    LateJob(
        "auth.mail_token",
        registers,
        LINK,
        {
            "left": leaves,
            "the address was removed": email_is_removed,
            "the address is verified already": VERIFIED,
            "the address has lapsed": LAPSED,
        },
        about="to verify an address",
    ),
    LateJob(
        "auth.mail_token",
        forgets_password,
        LINK,
        {
            "left": leaves,
            "the address was removed": email_is_removed,
            "the address was added again without a password": NO_PASSWORD,
            "the address proves nothing": PROVES_NOTHING,
        },
        about="to reset a password",
    ),
    LateJob(
        "auth.mail_token",
        asks_to_leave_by_mail,
        LINK,
        {
            "left": leaves,
            "the address was removed": email_is_removed,
            "the address was added again without a password": NO_PASSWORD,
            "the address proves nothing": PROVES_NOTHING,
        },
        about="to leave",
    ),
    LateJob(
        "auth.mail_password_changed",
        changes_password,
        MAIL,
        {"left": leaves, "the address was removed": email_is_removed},
    ),
    LateJob(
        "auth.mail_email_change",
        asks_for_another_address,
        LINK,
        {"left": leaves, "the session that asked is over": signs_out},
    ),
    LateJob(
        "auth.mail_notice",
        links_line,
        MAIL,
        {"left": leaves},
        # It happened. Whoever had the address then must learn of it: it may have been a thief.
        {"the address was removed": (ADDRESS_IS_GONE, MAIL)},
    ),
]


# Providers


async def signs_up_with_a_picture(stage: Stage) -> None:
    address = stage.idp.picture_url("google", "me.png", Picture(picture(50, 50, "PNG")))
    stage.user = await social(stage.world, "google", "G1", picture=address)


async def chooses_a_picture(stage: Stage) -> None:
    expect(await stage.user.upload(picture(), "/users/me/avatar", "PUT"), 200)


async def signs_in_with_apple(stage: Stage) -> None:
    fresh = await nonce(stage.world)
    body = {
        "id_token": stage.idp.token("apple", nonce=fresh, sub="A1", aud=BUNDLE),
        "nonce": fresh,
        "authorization_code": stage.idp.native_code("apple", BUNDLE, sub="A1"),
    }
    answer = await stage.world.anonymous().post("/auth/oauth/apple", json=body)
    stage.user = stage.world.anonymous().take(expect(answer, 201))


async def apple_is_removed(stage: Stage) -> None:
    expect(await link(stage.world, stage.user, "line", "U1"), 201)
    expect(await stage.user.delete(f"{METHODS}/apple"), 204)


async def signs_in_by_browser(stage: Stage, provider: str) -> None:
    stage.idp[provider].user = {"sub": "X1"}
    browser = Browser(stage.world, provider)
    answer = await browser.exchange(query_of(await browser.whole())["code"])
    stage.user = stage.world.anonymous().take(expect(answer, 201))


async def leaves_apple(stage: Stage) -> None:
    await signs_in_by_browser(stage, "apple")
    await leave(stage.user, None)


async def leaves_line(stage: Stage) -> None:
    await signs_in_by_browser(stage, "line")
    await leave(stage.user, None)


HAS_ANOTHER_APPLE_ID = by_sql("UPDATE user_identities SET subject = 'A2' WHERE user_id = :user")

PROVIDERS = [
    LateJob(
        "auth.adopt_picture",
        signs_up_with_a_picture,
        frozenset({"picture", "users"}),
        {"left": leaves, "erased": ERASED, "has chosen a picture": chooses_a_picture},
    ),
    LateJob(
        "auth.redeem_apple_code",
        signs_in_with_apple,
        frozenset({"apple", "auth_provider_tokens"}),
        {
            "left": leaves,
            "erased": ERASED,
            "the identity was removed": apple_is_removed,
            "the code is over": later(minutes=6),
            "the key is lost": key_is_lost,
        },
        # Apple says whose the code is: its token is not kept.
        {"has another Apple ID": (HAS_ANOTHER_APPLE_ID, frozenset({"apple"}))},
    ),
    LateJob(
        "auth.revoke_provider_token",
        leaves_apple,
        frozenset({"apple", "auth_provider_tokens"}),
        {"revoked already": TOKEN_IS_GONE},
        {"the key is lost": (key_is_lost, frozenset({GIVES_UP}))},
    ),
    LateJob(
        "auth.unlink_at_line",
        leaves_line,
        frozenset({"line", "auth_provider_tokens"}),
        {"unlinked already": TOKEN_IS_GONE},
        {
            "the key is lost": (key_is_lost, frozenset({GIVES_UP})),
            "its day is over": (later(hours=25), frozenset({"auth_provider_tokens"})),
        },
    ),
]


# Accounts that end, and addresses that lapse


async def is_a_guest_who_stays_away(stage: Stage) -> None:
    stage.user = await stage.world.guest()
    stage.clock.advance(days=40)
    async with stage.world.runtime.writing() as ctx:
        await end_idle_guests(ctx)


async def has_an_address_that_lapses(stage: Stage) -> None:
    stage.user = await social(stage.world, "line", "U1", exp=LATE)
    form = {"email": "typed@example.com", "password": PASSWORD}
    expect(await stage.user.post(f"{METHODS}/email", json=form), 201)
    stage.clock.advance(hours=25)
    async with stage.world.runtime.writing() as ctx:
        await close_lapsed_emails(ctx)


ONLY_EMAIL_IS_LEFT = by_sql(
    "DELETE FROM user_identities WHERE provider <> 'email' AND user_id = :user"
)
OWN_DAY = by_sql(
    "UPDATE users SET email_lapses_at = email_lapses_at + interval '1 day' WHERE id = :user"
)

ENDS = [
    LateJob(
        "account.erase",
        leaves,
        frozenset({"users"}),
        {
            "erased already": ERASED,
            "has not left": by_sql("UPDATE users SET left_at = NULL WHERE id = :user"),
        },
    ),
    LateJob(
        "account.end_idle_guest",
        is_a_guest_who_stays_away,
        frozenset({"users", "job account.erase"}),
        {
            "came back": by_sql(
                "UPDATE user_sessions SET expires_at = expires_at + interval '40 days'"
            ),
            "is a member now": by_sql("UPDATE users SET role = 'user' WHERE id = :user"),
            "left": LEFT,
        },
    ),
    LateJob(
        "auth.close_lapsed_door",
        has_an_address_that_lapses,
        frozenset({"users", "user_identities", "notifications"}),
        {
            "the address is verified": VERIFIED,
            "closed already": by_sql("UPDATE users SET email_lapses_at = NULL WHERE id = :user"),
            "another address has a day of its own": OWN_DAY,
            "left": LEFT,
        },
        # Nobody could sign in without it: it lapses no more.
        {"no other identity is left": (ONLY_EMAIL_IS_LEFT, frozenset({"users"}))},
    ),
]

ROWS = [*MAILS, *PROVIDERS, *ENDS]
