"""A place that grants are given on, and the grants of users and of groups on it.

The grants are guardian's direct-foreign-key permission models: a grant goes with its guard, its user or its group.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase


class Kind(models.TextChoices):
    """What kind of node a guard stands on."""

    WORKSPACE = "w", _("workspace")
    TABLE = "t", _("table")
    FIELD = "f", _("column")
    ROW = "r", _("row")


class Lock(models.TextChoices):
    """What is not inherited from above, so that the node needs a grant of its own."""

    NONE = "", _("inherits")
    CHANGE = "change", _("changing needs a grant of its own")
    VIEW = "view", _("everything needs a grant of its own")


class Guard(models.Model):
    """One node of a workspace, made when somebody first grants or locks something on it.

    ``node_id``: the root node for a workspace, a term, a requisite or a record. ``table_id``: the term it belongs to,
    0 for a workspace. ``rows``: text of a filter (``Рекрутёр = @me``) that narrows the grants of this guard to some
    rows; only for a table or a column. ``lock`` is a property of the node, so it stands on its guard without a filter.
    """

    workspace = models.ForeignKey("qdm.Workspace", models.CASCADE, related_name="guards", verbose_name=_("workspace"))
    node_id = models.BigIntegerField(_("node"))
    table_id = models.BigIntegerField(_("table"), default=0)
    kind = models.CharField(_("kind"), max_length=1, choices=Kind.choices)
    rows = models.CharField(_("rows"), max_length=1000, blank=True, default="")
    lock = models.CharField(_("lock"), max_length=6, choices=Lock.choices, blank=True, default=Lock.NONE)
    label = models.CharField(_("label"), max_length=255, blank=True, default="")

    class Meta:
        verbose_name = _("guard")
        verbose_name_plural = _("guards")
        default_permissions = ()
        permissions = [
            ("view_node", _("view")),
            ("add_node", _("add")),
            ("change_node", _("change")),
            ("delete_node", _("delete")),
            ("export_node", _("export")),
            ("manage_node", _("manage")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "node_id", "rows"], name="rbac_guard_node"),
            models.CheckConstraint(
                condition=Q(rows="") | (Q(kind__in=["t", "f"]) & Q(lock="")), name="rbac_guard_filter_of_table_or_field"
            ),
            models.CheckConstraint(
                condition=Q(kind="w", node_id=1) | ~Q(kind="w"), name="rbac_guard_workspace_is_root"
            ),
            models.CheckConstraint(condition=Q(lock="") | ~Q(kind="w"), name="rbac_guard_workspace_has_no_lock"),
        ]
        indexes = [
            models.Index(fields=["workspace", "kind"], name="rbac_guard_rules", condition=~Q(kind="r")),
            models.Index(fields=["workspace", "table_id", "node_id"], name="rbac_guard_locks", condition=~Q(lock="")),
            models.Index(fields=["workspace", "table_id", "node_id"], name="rbac_guard_rows", condition=Q(kind="r")),
        ]

    def __str__(self) -> str:
        name = self.label or f"{self.get_kind_display()} {self.node_id}"
        return f"{name}: {self.rows}" if self.rows else name


class OfGuard(models.Model):
    """What a grant repeats of its guard, filled in by a trigger (rbac/sql/rows_moved.sql), so that the rights of one
    user, and the rows he was granted one by one, are found in an index of the grants alone.

    Of a row, kept up by the triggers of its workspace: ``is_there``, not in the trash; ``row_key``, what it is sorted
    by in the default order.
    """

    workspace = models.ForeignKey(
        "qdm.Workspace", models.CASCADE, null=True, editable=False, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=1, default="", editable=False)
    table_id = models.BigIntegerField(default=0, editable=False)
    node_id = models.BigIntegerField(default=0, editable=False)
    is_there = models.BooleanField(default=False, editable=False)
    row_key = models.TextField(null=True, editable=False, db_collation="C")

    class Meta:
        abstract = True


class GuardUser(UserObjectPermissionBase, OfGuard):  # noqa: DJ008 - its base has one
    """A permission of one user on one guard."""

    content_object = models.ForeignKey(Guard, models.CASCADE, related_name="user_grants")

    class Meta(UserObjectPermissionBase.Meta):
        verbose_name = _("grant to a user")
        verbose_name_plural = _("grants to users")
        default_permissions = ()
        indexes = [
            models.Index(fields=["user", "workspace"], name="rbac_guarduser_rules", condition=~Q(kind="r")),
            models.Index(
                fields=["user", "workspace", "table_id", "permission", "row_key", "node_id"],
                include=["is_there"],
                name="rbac_guarduser_rows",
                condition=Q(kind="r"),
            ),
        ]


class GuardGroup(GroupObjectPermissionBase, OfGuard):  # noqa: DJ008 - its base has one
    """A permission of one group (role) on one guard."""

    content_object = models.ForeignKey(Guard, models.CASCADE, related_name="group_grants")

    class Meta(GroupObjectPermissionBase.Meta):
        verbose_name = _("grant to a group")
        verbose_name_plural = _("grants to groups")
        default_permissions = ()
        indexes = [
            models.Index(fields=["group", "workspace"], name="rbac_guardgroup_rules", condition=~Q(kind="r")),
            models.Index(
                fields=["group", "workspace", "table_id", "permission", "row_key", "node_id"],
                include=["is_there"],
                name="rbac_guardgroup_rows",
                condition=Q(kind="r"),
            ),
        ]
