"""How the tables of one workspace call a person."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Lower

TRIGGERS = """
create trigger rbac_log_insert after insert on rbac_nameintables referencing new table as new_rows
    for each statement execute function rbac_log();
create trigger rbac_log_update after update on rbac_nameintables
    referencing old table as old_rows new table as new_rows for each statement execute function rbac_log();
create trigger rbac_log_delete after delete on rbac_nameintables referencing old table as old_rows
    for each statement execute function rbac_log();
"""


class Migration(migrations.Migration):
    dependencies = [("qdm", "0005_run_heartbeat"), ("rbac", "0007_user_subject")]
    operations = [
        migrations.CreateModel(
            name="NameInTables",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=127, verbose_name="name in the tables")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="qdm.workspace",
                        verbose_name="workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "name in the tables of a workspace",
                "verbose_name_plural": "names in the tables of workspaces",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=["workspace", "user"], name="rbac_nameintables_one"),
                    models.UniqueConstraint("workspace", Lower("name"), name="rbac_nameintables_without_case"),
                ],
            },
        ),
        migrations.RunSQL(TRIGGERS, migrations.RunSQL.noop),
    ]
