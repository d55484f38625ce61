"""The statement of each projection as a function, whose plan is kept: qdm/sql/schema/03_projection.sql."""

from django.db import migrations

from qdm.sql import install


def keep_pivots(apps, schema_editor):
    install(apps, schema_editor)
    with schema_editor.connection.cursor() as cursor:
        for workspace in apps.get_model("qdm", "Workspace").objects.order_by("slug"):
            cursor.execute("select qdm.keep_pivots(%s)", [f"ws_{workspace.slug}"])


class Migration(migrations.Migration):
    dependencies = [("qdm", "0011_bulk_job")]
    operations = [migrations.RunPython(keep_pivots, migrations.RunPython.noop)]
