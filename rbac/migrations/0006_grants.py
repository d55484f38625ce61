"""The triggers that make a grant repeat what its guard stands on."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "sql" / "grants.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("rbac", "0005_grants_of_guard")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
