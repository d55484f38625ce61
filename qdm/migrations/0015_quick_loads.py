"""Loads that know their texts and take their ids at once: the functions of qdm/sql/schema as they are now."""

from django.db import migrations

from qdm.sql import schema_files


def install(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("set local check_function_bodies = off")
        for _name, text in schema_files():
            cursor.execute(text)


class Migration(migrations.Migration):
    dependencies = [("qdm", "0010_rule_indexes")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
