"""The triggers that write the log of rights."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "sql" / "access_log.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("rbac", "0001_initial")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
