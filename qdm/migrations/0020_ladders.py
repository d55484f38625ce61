"""Ladders that are kept: qdm/sql/schema/12_ladders.sql. The worker makes them when it next tends the indexes."""

from django.db import migrations

from qdm.sql import schema_files


def install(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("set local check_function_bodies = off")
        for _name, text in schema_files():
            cursor.execute(text)
        for workspace in apps.get_model("qdm", "Workspace").objects.order_by("slug"):
            cursor.execute("select qdm.add_ladders(quote_ident(%s)::regnamespace)", [f"ws_{workspace.slug}"])


class Migration(migrations.Migration):
    dependencies = [("qdm", "0016_writes")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
