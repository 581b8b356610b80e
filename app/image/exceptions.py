"""What can go wrong with images."""

from app.core.errors import Unprocessable
from app.core.words import Words


class ImageNotAvailable(Unprocessable):
    """The image does not exist, is another user's, or is already in a post."""

    code = "image_not_available"
    title = Words("画像を使えません", "Image not available")
    detail = Words(
        "画像が見つからないか、すでに使われています。もう一度アップロードしてください。",
        "An image was not found or is already in use. Please upload it again.",
    )
