"""Indexes of the rules people read by: qdm/sql/schema/10_rule_indexes.sql."""

from django.db import migrations

from qdm.sql import schema_files


def count_rules(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("set local check_function_bodies = off")
        for _name, text in schema_files():
            cursor.execute(text)


class Migration(migrations.Migration):
    dependencies = [("qdm", "0014_stored_file")]
    operations = [migrations.RunPython(count_rules, migrations.RunPython.noop)]
