"""What screening refuses."""

from app.core.errors import Forbidden


class NewAccountLink(Forbidden):
    """An account made just now may not post links."""

    code = "new_account_link"
