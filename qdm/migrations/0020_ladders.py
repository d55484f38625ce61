"""Ladders that are kept: qdm/sql/schema/12_ladders.sql. The worker makes them when it next tends the indexes."""

from django.db import migrations

from qdm.sql import install


def add_to_workspaces(apps, schema_editor):
    install(apps, schema_editor)
    with schema_editor.connection.cursor() as cursor:
        for workspace in apps.get_model("qdm", "Workspace").objects.order_by("slug"):
            cursor.execute("select qdm.add_ladders(quote_ident(%s)::regnamespace)", [f"ws_{workspace.slug}"])


class Migration(migrations.Migration):
    dependencies = [("qdm", "0016_writes")]
    operations = [migrations.RunPython(add_to_workspaces, migrations.RunPython.noop)]
