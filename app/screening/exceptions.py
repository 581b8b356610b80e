"""What screening refuses."""

from app.core.errors import Forbidden, RateLimited


class NewAccountLink(Forbidden):
    """An account made just now may not post links."""

    code = "new_account_link"


class NewAccountLimit(RateLimited):
    """An account made just now has posted enough for this hour."""

    code = "new_account_limit"
