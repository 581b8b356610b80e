"""Why an act was refused: in words, at its target, with the form as it was filled."""

from dataclasses import dataclass

from fastapi import Request
from pydantic import ValidationError

from app.admin.exceptions import ChangedMeanwhile, NoneDone
from app.admin.policy import Version
from app.admin.rows import AuditRow
from app.console.form import Form
from app.console.render import locale_of, sentence
from app.core.errors import AppError, IdempotencyKeyReused, ValidationFailed
from app.core.field_texts import words_of
from app.core.texts import Text

CHANGED_MEANWHILE = Text(
    "この画面を開いた後に変更されました。今の内容を確認してから、もう一度操作してください。",
    "Someone changed this after you opened the page. Review it and try again.",
)


NONE_DONE = Text(
    "選択したものは、ほかの管理者が対応したか、内容が変わったため、どれも操作していません。"
    "今の内容を確認してください。",
    "Nothing was changed. These items were already decided or edited. Review them and try again.",
)

SENT_BEFORE = Text(
    "このフォームは前に一度届き、その内容で実行されています。今の状態を確認してください。",
    "This form was already submitted. Check the current state.",
)


@dataclass(frozen=True, slots=True)
class Refusal:
    status: int
    words: str
    element: str
    """The id of the card or the form on the page that shows the words."""

    verb: str
    form: Form
    field: str = ""
    """Which field is wrong, if one is."""

    last: AuditRow | None = None
    """The act of the admin who was quicker."""

    outdated: bool = False
    """Whether the thing is no longer as the form's page showed it. This page shows it as it is."""

    def typed(self, name: str) -> str:
        """What the form held."""
        return self.form.text(name)

    def seen(self, now: Version) -> Version:
        """The version that the refused form sends next time.

        It stays the one that was sent if only the typed text was wrong. The admin looks at the
        wrong field then, and not at what another admin has changed meanwhile.
        """
        return now if self.outdated else self.form.seen or now


def refusal_of(
    request: Request,
    error: ValidationError | AppError,
    form: Form,
    element: str,
    last: AuditRow | None,
) -> Refusal:
    verb = request.url.path.rpartition("/")[2]
    locale = locale_of(request)
    if isinstance(error, NoneDone):
        return Refusal(error.status, NONE_DONE.in_(locale), element, verb, form, last=last)
    if isinstance(error, ChangedMeanwhile | IdempotencyKeyReused):
        changed = isinstance(error, ChangedMeanwhile)
        words = (CHANGED_MEANWHILE if changed else SENT_BEFORE).in_(locale)
        return Refusal(error.status, words, element, verb, form, last=last, outdated=True)
    if isinstance(error, ValidationFailed):
        wrong = error.fields[0]
        words = wrong.message_in(locale)
        return Refusal(error.status, words, element, verb, form, wrong.field, last)
    if isinstance(error, AppError):
        return Refusal(error.status, sentence(request, error), element, verb, form, last=last)
    first = error.errors()[0]
    words = words_of(first["type"]).in_(locale).format(**first.get("ctx", {}))
    field = str(first["loc"][0]) if first["loc"] else ""
    return Refusal(422, words, element, verb, form, field)
