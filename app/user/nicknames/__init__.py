"""What a nickname may not look like: it has no hidden signs, and does not pass for the staff's."""

from app.user.nicknames.hidden_signs import without_hidden_signs
from app.user.nicknames.staff import passes_for_staff

__all__ = ["passes_for_staff", "without_hidden_signs"]
