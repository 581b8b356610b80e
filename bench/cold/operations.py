"""Which operations of the API have no case here, and why, and which are named in the report."""

HOT = frozenset(
    {
        "GET /lounges",
        "GET /lounges/{lounge_id}/posts",
        "GET /notifications",
        "GET /notifications/unread-count",
        "GET /posts",
        "GET /posts/{post_id}",
        "GET /posts/{post_id}/comments",
        "GET /users/me",
        "POST /auth/login",
        "POST /auth/refresh",
        "POST /notifications/read",
        "POST /posts",
        "POST /posts/{post_id}/comments",
        "PUT /posts/{post_id}/like",
        "PUT /posts/{post_id}/mute",
    }
)
"""`make bench` measures these."""

_PROVIDER = "asks the server of a provider"
LEFT_OUT = {
    "GET /live": "a stream, which has no end",
    "POST /auth/mfa": "needs an authenticator, which only the console sets up",
    "POST /users/me/identities/email": "needs an account that a provider made",
    "GET /auth/oauth/{provider}/authorize": _PROVIDER,
    "GET /auth/oauth/{provider}/callback": _PROVIDER,
    "POST /auth/guest/upgrade/{provider}": _PROVIDER,
    "POST /auth/oauth/apple/callback": _PROVIDER,
    "POST /auth/oauth/exchange": _PROVIDER,
    "POST /auth/oauth/apple/notifications": _PROVIDER,
    "POST /auth/oauth/{provider}": _PROVIDER,
    "POST /users/me/identities/exchange": _PROVIDER,
    "POST /users/me/identities/{provider}": _PROVIDER,
}
"""Operations that are not measured, and why."""

NAMED = (
    "GET /lounges/{lounge_id}",
    "PATCH /posts/{post_id}",
    "PATCH /users/me",
    "PATCH /notifications/settings",
)
"""Cold operations that each app sends often. The report repeats them at its end."""
