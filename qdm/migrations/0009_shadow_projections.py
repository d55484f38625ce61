"""Projections made anew while they are used (qdm/sql/schema/09_shadow.sql), and the job of a column's type."""

import django.db.models.deletion
from django.db import migrations, models

from qdm.sql import schema_files, statement


def add_shadows(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("set local check_function_bodies = off")
        for _name, text in schema_files():
            cursor.execute(text)
        for workspace in apps.get_model("qdm", "Workspace").objects.order_by("slug"):
            cursor.execute(statement("create_shadow", ws=f"ws_{workspace.slug}"))


class Migration(migrations.Migration):
    dependencies = [("qdm", "0008_history_parts")]
    operations = [
        migrations.CreateModel(
            name="TypeJob",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("owner", models.BigIntegerField(verbose_name="owner")),
                ("language", models.CharField(default="ru", max_length=10, verbose_name="language")),
                ("term", models.BigIntegerField(verbose_name="table")),
                ("requisite", models.BigIntegerField(verbose_name="column")),
                ("base", models.SmallIntegerField(verbose_name="type")),
                ("column_name", models.CharField(max_length=200, verbose_name="name of the column")),
                (
                    "phase",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting to be done"),
                            ("wording", "reading the texts"),
                            ("filling", "filling the column"),
                            ("indexing", "making indexes"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="phase",
                    ),
                ),
                ("worded", models.BigIntegerField(default=0, verbose_name="texts read up to this node")),
                ("rows_done", models.BigIntegerField(default=0, verbose_name="rows done")),
                ("rows_total", models.BigIntegerField(null=True, verbose_name="rows in all")),
                ("message", models.TextField(default="", verbose_name="message")),
                ("batch", models.BigIntegerField(null=True, verbose_name="batch")),
                ("cancel_asked", models.BooleanField(default=False, verbose_name="cancelled by the user")),
                ("heartbeat", models.DateTimeField(null=True, verbose_name="last sign of life")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="type_jobs",
                        to="qdm.workspace",
                        verbose_name="workspace",
                    ),
                ),
            ],
            options={"verbose_name": "change of a type", "verbose_name_plural": "changes of types", "ordering": ("-created_at",)},
        ),
        migrations.RunPython(add_shadows, migrations.RunPython.noop),
    ]
