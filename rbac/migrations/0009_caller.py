"""Who comes to the door of programs, found by a function: rbac/sql/caller.sql."""

from django.db import migrations

from rbac.sql import text


class Migration(migrations.Migration):
    dependencies = [("qdm", "0009_shadow_projections"), ("rbac", "0008_name_in_tables")]
    operations = [
        migrations.RunSQL(text("caller"), "drop function rbac_caller(bytea, timestamptz, text)"),
    ]
