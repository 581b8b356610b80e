"""What can go wrong with images."""

from app.core.errors import Unprocessable


class ImageNotAvailable(Unprocessable):
    """Unknown, somebody else's, or in a post already."""

    code = "image_not_available"
