"""What follows from the operator's check of an image."""

from app.image.exceptions import PictureNotChecked, PictureRefused
from app.image.rows import OwnedImage
from app.integrations.hooks.picture_check import Decision, PictureKind
from app.user.policy import Viewer


def must_be_reviewed(decision: Decision | None, kind: PictureKind) -> bool:
    """Whether an admin must review what shows the image. None: the check gave no answer.

    A post can wait for a review, a profile can't. A lounge's cover is an admin's, who has seen it.
    Raises PictureRefused, PictureNotChecked.
    """
    if decision == Decision.REFUSE:
        raise PictureRefused
    if decision == Decision.PASS or kind == PictureKind.COVER:
        return False
    if kind == PictureKind.POST:
        return True
    if decision is None:
        raise PictureNotChecked
    raise PictureRefused


def is_shown_to_owner(viewer: Viewer, image: OwnedImage) -> bool:
    """What an admin has hidden is hidden from its owner, too."""
    return image.owner_id == viewer.user_id and not image.is_hidden
