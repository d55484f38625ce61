"""The history in parts, each workspace's days to keep it: qdm/sql/schema/07_history.sql."""

from django.db import migrations, models

from qdm.sql import install


def part_histories(apps, schema_editor):
    install(apps, schema_editor)
    with schema_editor.connection.cursor() as cursor:
        for workspace in apps.get_model("qdm", "Workspace").objects.order_by("slug"):
            cursor.execute("select qdm.part_history(%s)", [f"ws_{workspace.slug}"])


class Migration(migrations.Migration):
    dependencies = [("qdm", "0007_indexes_by_use")]
    operations = [
        migrations.AddField(
            "workspace",
            "history_days",
            models.PositiveIntegerField(blank=True, null=True, verbose_name="days the history is kept"),
        ),
        migrations.RunPython(part_histories, migrations.RunPython.noop),
    ]
