"""What can go wrong with images."""

from app.core.errors import ServiceUnavailable, Unprocessable
from app.core.texts import Text


class ImageNotAvailable(Unprocessable):
    """The image does not exist, is another user's, or is already in a post."""

    code = "image_not_available"
    title = Text("画像を使えません", "Image not available")
    detail = Text(
        "画像が見つからないか、すでに使われています。もう一度アップロードしてください。",
        "The image wasn't found or is already in use. Upload it again.",
    )


class PictureRefused(Unprocessable):
    """The operator's check does not allow the image (ADR 0043)."""

    code = "picture_refused"
    title = Text("この画像は使えません", "This image can't be used")
    detail = Text(
        "この画像は、コミュニティのルールにより使えません。別の画像を選んでください。",
        "This image breaks the community guidelines. Please choose another.",
    )


class PictureNotChecked(ServiceUnavailable):
    """The operator's check gave no answer, and this image can't wait for a review."""

    code = "picture_not_checked"
    title = Text("画像を確認できません", "Image couldn't be checked")
    detail = Text(
        "ただいま画像を確認できません。しばらくしてからもう一度お試しください。",
        "Images can't be checked right now. Try again later.",
    )
    retry_after = 60
