"""A grant on a row repeats whether the row is there and what it is sorted by: rbac/sql/rows_moved.sql."""

from django.db import migrations, models

from rbac.sql import text

ROWS = models.Q(kind="r")


def rows_of(holder):
    name = f"guard{holder}"
    return [
        migrations.RemoveIndex(model_name=name, name=f"rbac_{name}_rows"),
        migrations.AddField(
            model_name=name, name="is_there", field=models.BooleanField(default=False, editable=False)
        ),
        migrations.AddField(
            model_name=name,
            name="row_key",
            field=models.TextField(db_collation="C", editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name=name,
            index=models.Index(
                fields=[holder, "workspace", "table_id", "permission", "row_key", "node_id"],
                include=["is_there"],
                condition=ROWS,
                name=f"rbac_{name}_rows",
            ),
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("qdm", "0019_rows_moved"), ("rbac", "0009_caller")]
    operations = [
        *rows_of("group"),
        *rows_of("user"),
        migrations.RunSQL(text("rows_moved"), migrations.RunSQL.noop),
    ]
