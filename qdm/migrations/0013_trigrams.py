"""Indexes of trigrams of our own: qdm/sql/schema/06_indexes.sql. Those of pg_trgm go when the worker next tends them."""

from django.db import migrations

from qdm.sql import schema_files


def add_trigrams(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("set local check_function_bodies = off")
        for _name, text in schema_files():
            cursor.execute(text)


class Migration(migrations.Migration):
    dependencies = [("qdm", "0012_kept_pivots")]
    operations = [migrations.RunPython(add_trigrams, migrations.RunPython.noop)]
