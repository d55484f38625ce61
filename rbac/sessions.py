"""Django's sessions in the database, kept with their user (``SESSION_ENGINE``)."""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth import SESSION_KEY, get_user
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest

if TYPE_CHECKING:
    from rbac.models import Session, User

#: Where signing in leaves the name of the browser in the session.
AGENT = "agent"
#: When the session began, seconds since 1970: kept in it, because Django saves a session as a whole.
STARTED = "started"


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> "type[Session]":
        from rbac.models import Session  # models need the settings, which name this module

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> "Session":
        data.setdefault(STARTED, time.time())
        session = super().create_model_instance(data)
        assert isinstance(session, self.get_model_class())
        user = data.get(SESSION_KEY)
        session.user_id = int(user) if user is not None else None
        session.started_at = datetime.fromtimestamp(data[STARTED], UTC)
        session.agent = str(data.get(AGENT, ""))[:200]
        return session


def user_of(session_key: str) -> "User | None":
    """Whom the session signs in today: None once it is ended, or the password is another, or the user inactive."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = get_user(request)
    return user if user.is_authenticated and user.is_active else None
