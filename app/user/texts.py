"""The names of the sign-in methods, for mails, pages and notifications."""

from app.core.texts import Text
from app.user.enums import SignInMethod

METHOD_NAMES = {
    SignInMethod.EMAIL: Text("メールアドレスとパスワード", "email and password"),
    SignInMethod.LINE: Text("LINE", "LINE"),
    SignInMethod.GOOGLE: Text("Google", "Google"),
    SignInMethod.APPLE: Text("Apple", "Apple"),
}
