"""The names of the ways to sign in, for mails, pages and notifications."""

from app.core.words import Words
from app.user.enums import Door

DOOR_NAMES = {
    Door.EMAIL: Words("メールアドレスとパスワード", "e-mail and password"),
    Door.LINE: Words("LINE", "LINE"),
    Door.GOOGLE: Words("Google", "Google"),
    Door.APPLE: Words("Apple", "Apple"),
}
