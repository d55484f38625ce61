"""How the tables of one workspace call a person."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class NameInTables(models.Model):
    """What ``@me`` means for the person in the filters of this workspace, beside his sign-in name.

    The managers of the workspace set it, who could give him the rows anyway. It counts in no other workspace: whoever
    manages one must not call himself by another's name elsewhere.
    """

    LENGTH = 127

    workspace = models.ForeignKey("qdm.Workspace", models.CASCADE, related_name="+", verbose_name=_("workspace"))
    user = models.ForeignKey("rbac.User", models.CASCADE, related_name="+", verbose_name=_("user"))
    name = models.CharField(_("name in the tables"), max_length=LENGTH)

    class Meta:
        verbose_name = _("name in the tables of a workspace")
        verbose_name_plural = _("names in the tables of workspaces")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="rbac_nameintables_one"),
            models.UniqueConstraint("workspace", Lower("name"), name="rbac_nameintables_without_case"),
        ]

    def __str__(self) -> str:
        return self.name
