"""Loads that know their texts and take their ids at once: the functions of qdm/sql/schema as they are now."""

from django.db import migrations

from qdm.sql import install


class Migration(migrations.Migration):
    dependencies = [("qdm", "0010_rule_indexes")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
