"""The use cases of accounts, a file each.

`UserService` is what every feature needs; the others have one group of callers each.
"""

from app.user.service.blocks import BlockService
from app.user.service.doors import DoorService
from app.user.service.identities import IdentityService
from app.user.service.imports import ImportService
from app.user.service.profiles import ProfileService
from app.user.service.removal import RemovalService
from app.user.service.sessions import SessionService
from app.user.service.standing import LockedUser, NewStanding, StandingService
from app.user.service.suspensions import SuspensionService
from app.user.service.users import UserService

__all__ = [
    "BlockService",
    "DoorService",
    "IdentityService",
    "ImportService",
    "LockedUser",
    "NewStanding",
    "ProfileService",
    "RemovalService",
    "SessionService",
    "StandingService",
    "SuspensionService",
    "UserService",
]
