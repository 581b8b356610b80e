"""The names of the ways to sign in, for mails, pages and notifications."""

from app.core.texts import Text
from app.user.enums import Door

METHOD_NAMES = {
    Door.EMAIL: Text("メールアドレスとパスワード", "e-mail and password"),
    Door.LINE: Text("LINE", "LINE"),
    Door.GOOGLE: Text("Google", "Google"),
    Door.APPLE: Text("Apple", "Apple"),
}
