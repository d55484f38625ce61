"""A table without a ladder is told so at once; ids are drawn a little quicker."""

from django.db import migrations

from qdm.sql import schema_files


def install(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("set local check_function_bodies = off")
        for _name, text in schema_files():
            cursor.execute(text)


class Migration(migrations.Migration):
    dependencies = [("qdm", "0021_own_shadow")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
