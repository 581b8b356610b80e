"""What can go wrong when an account is deleted."""

from app.core.errors import Forbidden
from app.core.texts import Text


class OnlyInApp(Forbidden):
    """A mailed link, or a sign-in at a provider, is not enough to delete this account.

    Only pages raise it.
    """

    code = "only_in_app"
    title = Text("アプリから削除してください", "Delete this account in the app")
    detail = Text(
        (
            "2 段階認証を設定しているアカウントと、管理者・モデレーターのアカウントは、"
            "このページからは削除できません。アプリでログインし、2 段階認証を設定している場合は"
            "そのコードを入力してから、アプリの設定で削除してください。"
        ),
        (
            "An account that uses two-factor authentication, or belongs to an admin or "
            "moderator, can't be deleted on this page. Sign in to the app, enter your "
            "code if you use two-factor authentication, and delete the account in the "
            "app's settings."
        ),
    )
