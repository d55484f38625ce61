"""A shadow takes the place of a projection only for the shape it was made for."""

from django.db import migrations

from qdm.sql import install


class Migration(migrations.Migration):
    dependencies = [("qdm", "0019_rows_moved")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
