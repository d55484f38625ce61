"""Indexes by use: qdm/sql/schema/06_indexes.sql."""

from django.db import migrations

from qdm.sql import schema_files


def install_functions(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("set local check_function_bodies = off")
        for _name, text in schema_files():
            cursor.execute(text)


class Migration(migrations.Migration):
    dependencies = [("qdm", "0006_saved_view")]
    operations = [migrations.RunPython(install_functions, migrations.RunPython.noop)]
