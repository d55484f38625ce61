"""«Закрыть доступ»: everything a person who leaves could still come in by, ended at once."""

from rbac.audit import acting
from rbac.models import User


def close_access(user: User, *, by: User | None) -> None:
    """Make the user inactive, end his sessions and tokens. What he made stays.

    Open sockets and streams ask for his rights anew when the log of rights tells of the change, and close. His password
    is made unusable, so that a session cookie would stay dead if he were made active again.
    """
    with acting(by.pk if by is not None else None):
        user.is_active = False
        user.set_unusable_password()
        user.save(update_fields=["is_active", "password"])
        user.tokens.all().delete()
        user.sessions.all().delete()
