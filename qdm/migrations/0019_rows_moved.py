"""Rows that come, go or are called otherwise are told of: qdm/sql/schema/12_moved.sql."""

from django.db import migrations

from qdm.sql import install


class Migration(migrations.Migration):
    dependencies = [("qdm", "0020_ladders")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
