"""What can go wrong with an identity provider."""

from app.core.errors import NotFound, ServiceUnavailable, Unauthorized
from app.core.texts import Text


class InvalidIdToken(Unauthorized):
    """The provider's ID token is not good. Only the log says why."""

    code = "invalid_id_token"
    title = Text("ログインできません", "Sign-in failed")
    detail = Text(
        "外部サービスからのログイン情報を確認できませんでした。もう一度お試しください。",
        "We couldn't verify the response from the sign-in provider. Try again.",
    )


class ProviderNotEnabled(NotFound):
    """This server is not set up for the provider. `/meta` lists those that it is set up for."""

    code = "provider_not_enabled"
    title = Text("このログイン方法は使えません", "Sign-in method not supported")
    detail = Text(
        "このサービスではこのログイン方法を使えません。別の方法でログインしてください。",
        "This service doesn't support this sign-in method. Sign in another way.",
    )


class ProviderUnavailable(ServiceUnavailable):
    """The provider is down or too slow. Other providers still work."""

    code = "provider_unavailable"
    title = Text("このログイン方法はただいま利用できません", "Sign-in method unavailable")
    detail = Text(
        "外部サービスに接続できません。しばらくしてからもう一度お試しになるか、別の方法でログインしてください。",
        "The sign-in provider can't be reached. Try again later, or sign in another way.",
    )
