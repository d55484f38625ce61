"""The writing of rows in one call: qdm/sql/schema/10_writes.sql."""

from django.db import migrations

from qdm.sql import install


class Migration(migrations.Migration):
    dependencies = [("qdm", "0015_quick_loads")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
