"""What docs/http.md says that guests may do, compared with the matrix of routes."""

import re

from tests.architecture.source import ROOT
from tests.matrix.routes import ROUTES, Access

GUESTS_WRITE = {
    "favorites": ("/lounges/{lounge_id}/favorite",),
    "watches": ("/posts/{post_id}/watch",),
    "mutes": ("/posts/{post_id}/mute",),
    "blocks": ("/users/{user_id}/block",),
    "the lounges opened last": ("/lounges/recent",),
    "notifications": (
        "/notifications/settings",
        "/notifications/read",
        "/notifications/{notification_id}/opened",
        "/lounges/{lounge_id}/notifications",
    ),
    "devices": ("/notifications/devices/{install_id}",),
    "sessions": ("/auth/sessions", "/auth/sessions/{session_id}"),
    "the language": ("/users/me",),
    "reports": ("/reports",),
    "appeals": ("/appeals",),
}
"""As the sentence has them, with the paths that they mean."""

SAID_ELSEWHERE = {
    "POST /auth/guest/upgrade": "the table above the sentence: registering",
    "POST /auth/guest/upgrade/{provider}": "the section on providers",
    "DELETE /users/me": "the table above the sentence: deleting the account",
    "POST /auth/password/change": "a guest has no password: 403 wrong_password",
    "POST /auth/email/resend": "a guest has no address: nothing is sent",
    "POST /auth/mfa": "a guest has no second factor: 403 wrong_code",
    "DELETE /lounge-requests/{request_id}": "a guest has no requests: 404",
}

SENTENCE = r"^- A \*\*guest\*\* may read, and may change only [^:]+: (.+?)\."


def test_each_write_that_guests_may_call_is_one_that_the_guide_names() -> None:
    named = {path for paths in GUESTS_WRITE.values() for path in paths}
    allowed = {
        name
        for name, route in ROUTES.items()
        if route.access == Access.USER and not name.startswith("GET")
    }
    unsaid = {name for name in allowed - SAID_ELSEWHERE.keys() if name.split()[1] not in named}
    assert not unsaid, (
        f"guests may call {sorted(unsaid)}: say so in docs/http.md, and "
        "add it to GUESTS_WRITE of tests/architecture/test_guests.py"
    )
    assert SAID_ELSEWHERE.keys() <= allowed
    gone = named - {name.split()[1] for name in allowed}
    assert not gone, f"guests may not write {sorted(gone)}, but docs/http.md says so"


def test_the_guide_names_what_guests_may_write() -> None:
    text = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
    (sentence,) = re.findall(SENTENCE, text, re.MULTILINE | re.DOTALL)
    named = [part.removeprefix("and ") for part in re.split(r",\s+", sentence)]
    assert named == list(GUESTS_WRITE)
