"""Django admin of users and rights; one file a table or page."""

from rbac.admin import groups, guards, log, sessions, tokens, users, workspaces

__all__ = ["groups", "guards", "log", "sessions", "tokens", "users", "workspaces"]
