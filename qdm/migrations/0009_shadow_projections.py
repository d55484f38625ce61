"""Projections made anew while they are used: qdm/sql/schema/09_shadow.sql."""

from django.db import migrations

from qdm.sql import install, statement


def add_shadows(apps, schema_editor):
    install(apps, schema_editor)
    with schema_editor.connection.cursor() as cursor:
        for workspace in apps.get_model("qdm", "Workspace").objects.order_by("slug"):
            cursor.execute(statement("create_shadow", ws=f"ws_{workspace.slug}"))


class Migration(migrations.Migration):
    dependencies = [("qdm", "0008_history_parts")]
    operations = [migrations.RunPython(add_shadows, migrations.RunPython.noop)]
