"""The console: who may call each route, a text for each code, and a label for each control."""

import re
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from app.admin.enums import Action, TargetType
from app.admin.models import NO_TARGET
from app.admin.rows import AuditRow
from app.console import console_request, gate, render
from app.console.log_texts import act_in_words
from app.core.templates import templates_in
from app.post.enums import Moderation
from app.reports.enums import ReportReason, ReportTarget, Resolution, SystemCause
from app.user.enums import Role
from app.user.rows import Author
from tests.support.routes import tree

TEMPLATES = Path(render.__file__).parent / "templates"
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")

PAGES = {
    **dict.fromkeys(("announcements", "jobs", "lounges", "reasons", "words"), "admins"),
    **dict.fromkeys(("", "reports", "held", "requests", "appeals", "users", "posts"), "staff"),
    **dict.fromkeys(("comments", "pictures", "find", "audit", "live", "claims"), "staff"),
    **dict.fromkeys(("undo", "settings", "{page}"), "staff"),
    **dict.fromkeys(("sign-in", "sign-out", "forgot-password", "mfa", "assets"), "all"),
}
"""Who may open a page, and send its forms: staff are admins and moderators."""

OTHERS = {
    "GET /admin/lounges/{lounge_id}/posts": "staff",
    "POST /admin/audit/export": "admins",
    "POST /admin/numbers/export": "admins",
    "POST /admin/reports/{case_id}/lounge/{verb}": "admins",
    "POST /admin/mfa/off": "staff",
    "POST /admin/mfa/recovery-codes": "staff",
}
"""Routes that differ from their page."""


def test_each_route_of_the_console_is_for_whom_the_table_says(documented_app: FastAPI) -> None:
    admins = {console_request._admins_request, console_request._admins_bare_request}
    staff = {gate.console_admin, gate.console_by_itself}
    found, wanted = {}, {}
    for route in iter_route_contexts(documented_app.routes):
        page = re.match(r"/admin(?:/([^/]+)|$)", str(route.path))
        if not isinstance(route.original_route, APIRoute) or not page:
            continue
        name = f"{min(route.methods or ())} {route.path}"
        asks = {dependant.call for dependant in tree(route.dependant)}
        found[name] = "admins" if asks & admins else "staff" if asks & staff else "all"
        wanted[name] = OTHERS.get(name) or PAGES.get(page[1] or "", "nobody")
    assert len(found) > 60
    assert found == wanted, "who may call it? Say so in tests/architecture/test_console.py"


@pytest.mark.parametrize(
    ("names", "codes"),
    [
        *(("actions", Action), ("targets", TargetType), ("roles", Role)),
        *(("states", Moderation), ("reasons", ReportReason), ("causes", SystemCause)),
        *(("kinds", ReportTarget), ("ends", Resolution)),
    ],
)
def test_each_code_has_a_text_in_both_languages(names: str, codes: type[StrEnum]) -> None:
    template = templates_in(TEMPLATES).get_template("names.html")
    ja, en = (
        getattr(template.make_module({"t": lambda *texts, n=n: texts[n]}), names) for n in (0, 1)
    )
    missing = {code.value for code in codes} - ja.keys()
    assert not missing, f"add {missing} to `{names}` in app/console/templates/names.html"
    wrong = [code for code in ja if not JAPANESE.search(ja[code]) or not en[code].isascii()]
    assert not wrong, f"{wrong} of `{names}` in app/console/templates/names.html: (ja, en)"


@pytest.mark.parametrize("action", Action)
def test_each_action_has_a_sentence_in_the_log(action: Action) -> None:
    after = {"action": "hide", "status": "upheld"}
    who = Author(None, "", None)
    id_, now = NO_TARGET, datetime.now(UTC)
    entry = AuditRow(id_, action, "", id_, None, "", {}, after, "", now, id_, who)
    assert act_in_words(entry, lambda ja, _: ja) != action, "add it to app/console/log_texts.py"


@pytest.mark.parametrize("path", sorted(TEMPLATES.iterdir()), ids=lambda path: path.name)
def test_each_control_has_a_label_and_each_text_is_in_its_language(path: Path) -> None:
    template = path.read_text(encoding="utf-8")
    labels = re.findall(r'<label for="([^"]+)"', template)
    outside = re.sub(r"<label.*?</label>", "", template, flags=re.DOTALL)
    controls = re.findall(r"<(?:input(?! type=.(?:hidden))|select|textarea)\b[^>]*", outside)
    ids = [re.search(r' id="([^"]+)"', control) for control in controls]
    bare = [c for c, id_ in zip(controls, ids, strict=True) if not id_ or id_[1] not in labels]
    assert not bare, "give each a label"
    assert not re.search(r"<(button|summary|label|h[1-6])\b[^>]*>\s*</", template), "no text"
    english = re.findall(r"\bt\('[^']*[\u3040-\u30ff\u4e00-\u9fff][^']*', '([^']*)'\)", template)
    assert not [text for text in english if JAPANESE.search(text)]
