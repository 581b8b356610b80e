"""Pages for a browser, without script: where mailed links lead, and `/account/delete` for those
who removed the app. A mailed token is the proof of who is there; nothing here needs a cookie.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from pydantic import TypeAdapter, ValidationError

from app.account.service import LeavingService
from app.auth.enums import MailPurpose
from app.auth.exceptions import InvalidToken, PasswordTooWeak
from app.auth.service import AccountService
from app.core.catalogue import PROBLEMS, Locale, preferred_locale
from app.core.dependencies import Ctx, limited
from app.core.errors import AppError
from app.core.schemas import EmailAddress
from app.user.exceptions import LastAdmin

if TYPE_CHECKING:
    from jinja2 import Environment

router = APIRouter(prefix="/account", include_in_schema=False)

_TEMPLATES = Path(__file__).parent / "templates"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}
_FIRST_LIMIT = [limited("read")]
_POST_LIMIT = [limited("password")]

Token = Annotated[str, Form(max_length=200)]

_WORDS: dict[str, dict[Locale, dict[str, Any]]] = {
    "delete": {
        "ja": {
            "title": "アカウントの削除",
            "paragraphs": [
                "登録したメールアドレスを入力してください。手続きのリンクをメールでお送りします。",
                (
                    "アカウントを削除すると、プロフィール、投稿、コメント、画像はすぐに表示されなくなり、"
                    "24 時間以内にすべて消去されます。元に戻すことはできません。"
                ),
                (
                    "返信のついたコメントは、内容と名前を消したうえで枠だけが残ります。通報の記録と、法令で"
                    "保存が必要な接続記録(最長 180 日)は、その期間が過ぎるまで保存されます。"
                ),
                "LINE、Google、Apple でログインしている方は、アプリの設定から退会できます。",
            ],
            "label": "メールアドレス",
            "button": "リンクを送信する",
        },
        "en": {
            "title": "Delete your account",
            "paragraphs": [
                "Enter the e-mail address that you signed up with. We will mail you a link.",
                (
                    "Your profile, posts, comments and images go out of sight at once, and are "
                    "erased within 24 hours. This can't be undone."
                ),
                (
                    "A comment that others replied to stays as an empty place without your name. "
                    "Reports, and connection records that the law has us keep (180 days at most), "
                    "stay until their time is over."
                ),
                "If you sign in with LINE, Google or Apple, you can leave from the app's settings.",
            ],
            "label": "E-mail address",
            "button": "Send the link",
        },
    },
    "mailed": {
        "ja": {
            "title": "メールをご確認ください",
            "paragraphs": [
                (
                    "入力されたアドレスのアカウントがある場合は、手続きのリンクをお送りしました。"
                    "リンクは 24 時間有効です。"
                )
            ],
        },
        "en": {
            "title": "Check your mail",
            "paragraphs": [
                (
                    "If there is an account with this address, a link is on its way. It works for "
                    "24 hours."
                )
            ],
        },
    },
    "confirm": {
        "ja": {
            "title": "アカウントを削除しますか",
            "paragraphs": [
                "プロフィール、投稿、コメント、画像がすべて消去されます。元に戻すことはできません。"
            ],
            "button": "アカウントを削除する",
        },
        "en": {
            "title": "Delete your account?",
            "paragraphs": [
                "Your profile, posts, comments and images will all be erased. This can't be undone."
            ],
            "button": "Delete my account",
        },
    },
    "left": {
        "ja": {
            "title": "退会の手続きが完了しました",
            "paragraphs": [
                "データは 24 時間以内にすべて消去され、完了後にメールでお知らせします。"
            ],
        },
        "en": {
            "title": "Your account is closed",
            "paragraphs": [
                "All data will be erased within 24 hours. We will mail you when it is done."
            ],
        },
    },
    "verify": {
        "ja": {
            "title": "メールアドレスの確認",
            "paragraphs": ["下のボタンを押すと、確認が完了します。"],
            "button": "メールアドレスを確認する",
        },
        "en": {
            "title": "Confirm your e-mail address",
            "paragraphs": ["Press the button to confirm the address."],
            "button": "Confirm the address",
        },
    },
    "verified": {
        "ja": {"title": "確認が完了しました", "paragraphs": ["アプリに戻ってお楽しみください。"]},
        "en": {"title": "Confirmed", "paragraphs": ["You can go back to the app."]},
    },
    "reset": {
        "ja": {
            "title": "パスワードの再設定",
            "paragraphs": ["新しいパスワードを 8 文字以上 128 文字以内で入力してください。"],
            "label": "新しいパスワード",
            "button": "パスワードを変更する",
        },
        "en": {
            "title": "Set a new password",
            "paragraphs": ["Choose a password of 8 to 128 characters."],
            "label": "New password",
            "button": "Change the password",
        },
    },
    "was_reset": {
        "ja": {
            "title": "パスワードを変更しました",
            "paragraphs": ["アプリで新しいパスワードを使ってログインしてください。"],
        },
        "en": {
            "title": "Password changed",
            "paragraphs": ["Please sign in with the new password in the app."],
        },
    },
    "dead": {
        "ja": {"title": "リンクを使えません", "paragraphs": []},
        "en": {"title": "This link does not work", "paragraphs": []},
    },
}


@router.get("/style.css")
async def style() -> Response:
    headers = {"Cache-Control": "public, max-age=3600"}
    return Response(_style(), media_type="text/css", headers=headers)


@router.get("/delete", dependencies=_FIRST_LIMIT)
async def show_delete(request: Request) -> Response:
    """For those who removed the app: ask for a link that ends the account."""
    return _page(request, "delete", action="/account/delete", field="email")


@router.post("/delete", dependencies=_POST_LIMIT)
async def ask_to_delete(request: Request, ctx: Ctx, email: Annotated[str, Form()] = "") -> Response:
    """Mail the link; the answer is the same for any address."""
    try:
        address = TypeAdapter(EmailAddress).validate_python(email)
    except ValidationError:
        wrong = {
            "ja": "メールアドレスの形式が正しくありません。",
            "en": "This is not an e-mail address.",
        }
        form = {"action": "/account/delete", "field": "email", "value": email[:254]}
        return _page(request, "delete", 422, error=wrong[_locale(request)], **form)
    await AccountService(ctx).mail_leave_link(address)
    return _page(request, "mailed", 202)


@router.get("/delete/confirm", dependencies=_FIRST_LIMIT)
async def show_confirm(request: Request, ctx: Ctx, token: str = "") -> Response:
    form = {"action": "/account/delete/confirm", "dangerous": True}
    return await _form_of_link(request, ctx, MailPurpose.LEAVE, token, "confirm", form)


@router.post("/delete/confirm", dependencies=_POST_LIMIT)
async def confirm(request: Request, ctx: Ctx, token: Token = "") -> Response:
    """End the account."""
    try:
        await LeavingService(ctx).leave_by_token(token)
    except (InvalidToken, LastAdmin) as error:
        return _refusal(request, error)
    return _page(request, "left")


@router.get("/verify-email", dependencies=_FIRST_LIMIT)
async def show_verify(request: Request, ctx: Ctx, token: str = "") -> Response:
    # By a button: a mail scanner that follows links must not confirm anything.
    form = {"action": "/account/verify-email"}
    return await _form_of_link(request, ctx, MailPurpose.VERIFY_EMAIL, token, "verify", form)


@router.post("/verify-email", dependencies=_POST_LIMIT)
async def verify(request: Request, ctx: Ctx, token: Token = "") -> Response:
    try:
        await AccountService(ctx).verify_email(token)
    except InvalidToken as error:
        return _refusal(request, error)
    return _page(request, "verified")


@router.get("/reset-password", dependencies=_FIRST_LIMIT)
async def show_reset(request: Request, ctx: Ctx, token: str = "") -> Response:
    form = {"action": "/account/reset-password", "field": "new_password"}
    return await _form_of_link(request, ctx, MailPurpose.RESET_PASSWORD, token, "reset", form)


@router.post("/reset-password", dependencies=_POST_LIMIT)
async def reset(
    request: Request,
    ctx: Ctx,
    token: Token = "",
    new_password: Annotated[str, Form(max_length=4096)] = "",
) -> Response:
    try:
        await AccountService(ctx).reset_password(token, new_password)
    except PasswordTooWeak as error:
        form = {"action": "/account/reset-password", "field": "new_password", "token": token}
        return _page(request, "reset", 422, error=_detail(request, error), **form)
    except InvalidToken as error:
        return _refusal(request, error)
    return _page(request, "was_reset")


async def _form_of_link(
    request: Request, ctx: Ctx, purpose: MailPurpose, token: str, name: str, form: dict[str, Any]
) -> Response:
    """The form that a mailed link leads to, unless the link is over."""
    try:
        await AccountService(ctx).ensure_token(purpose, token)
    except InvalidToken as error:
        return _refusal(request, error)
    return _page(request, name, token=token, **form)


def _refusal(request: Request, error: AppError) -> Response:
    return _page(request, "dead", error.status, error=_detail(request, error))


def _detail(request: Request, error: AppError) -> str:
    return PROBLEMS[error.code].detail.in_(_locale(request))


def _locale(request: Request) -> Locale:
    return preferred_locale(request.headers.get("accept-language"))


def _page(request: Request, name: str, status: int = 200, **values: Any) -> Response:
    locale = _locale(request)
    words = {"label": "", "button": "", **_WORDS[name][locale]}
    shown = {"error": "", "action": "", "token": "", "field": "", "value": "", "dangerous": False}
    html = (
        _templates().get_template("page.html").render(locale=locale, **words, **{**shown, **values})
    )
    return Response(html, status, _HEADERS, media_type="text/html")


@cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined
    )


@cache
def _style() -> bytes:
    return (_TEMPLATES / "style.css").read_bytes()
