"""The Django application of users, grants, tokens and their log."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RbacConfig(AppConfig):
    name = "rbac"
    verbose_name = _("Users and access")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from rbac import following  # needs the models

        following.connect()
