"""Every SQL statement about accounts, their doors, profiles, blocks and sessions."""

from app.user.repository.blocks import BlockRepository
from app.user.repository.finding import UserFinder
from app.user.repository.identities import IdentityRepository
from app.user.repository.imports import ImportRepository
from app.user.repository.profiles import ProfileRepository
from app.user.repository.sessions import SessionRepository
from app.user.repository.users import UserRepository

__all__ = [
    "BlockRepository",
    "IdentityRepository",
    "ImportRepository",
    "ProfileRepository",
    "SessionRepository",
    "UserFinder",
    "UserRepository",
]
