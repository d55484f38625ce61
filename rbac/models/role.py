"""Roles that belong to one workspace, beside those of the whole installation."""

from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.Model):
    """Marks a group as a role of one workspace: its managers name its members, other workspaces do not know it.

    In the filters of other workspaces (``Отдел in @groups``) it counts as no group of its members: whoever may make
    roles in one workspace must not make himself one of another.
    """

    group = models.OneToOneField(Group, models.CASCADE, primary_key=True, related_name="role")
    workspace = models.ForeignKey("qdm.Workspace", models.CASCADE, related_name="roles", verbose_name=_("workspace"))

    class Meta:
        verbose_name = _("role of a workspace")
        verbose_name_plural = _("roles of workspaces")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.group)
