"""What can go wrong with images."""

from app.core.errors import ServiceUnavailable, Unprocessable
from app.core.texts import Text


class ImageNotAvailable(Unprocessable):
    """The image does not exist, is another user's, or is already in a post."""

    code = "image_not_available"
    title = Text("画像を使えません", "Image not available")
    detail = Text(
        "画像が見つからないか、すでに使われています。もう一度アップロードしてください。",
        "An image was not found or is already in use. Please upload it again.",
    )


class PictureRefused(Unprocessable):
    """The operator's check does not allow the picture (ADR 0043)."""

    code = "picture_refused"
    title = Text("この画像は使えません", "This picture can't be used")
    detail = Text(
        "この画像は、コミュニティのルールにより使えません。別の画像を選んでください。",
        "This picture is against the community's rules. Please choose another one.",
    )


class PictureNotChecked(ServiceUnavailable):
    """The operator's check gave no answer, and this picture can't wait for a review."""

    code = "picture_not_checked"
    title = Text("画像を確認できません", "The picture could not be checked")
    detail = Text(
        "ただいま画像を確認できません。しばらくしてからもう一度お試しください。",
        "Pictures can't be checked at the moment. Please try again later.",
    )
    retry_after = 60
