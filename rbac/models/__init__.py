"""Tables of users and grants, one idea per file."""

from rbac.models.guard import Guard, GuardGroup, GuardUser, Kind, Lock
from rbac.models.log import AccessLog
from rbac.models.names import NameInTables
from rbac.models.role import Role
from rbac.models.session import Session
from rbac.models.token import Token
from rbac.models.user import User

__all__ = [
    "AccessLog",
    "Guard",
    "GuardGroup",
    "GuardUser",
    "Kind",
    "Lock",
    "NameInTables",
    "Role",
    "Session",
    "Token",
    "User",
]
