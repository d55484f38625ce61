import django.db.models.deletion
from django.db import migrations, models

KINDS = [
    ("set", "value set"),
    ("delete", "rows deleted"),
    ("duplicate", "rows duplicated"),
    ("undo", "undone"),
    ("column", "column changed"),
]
PHASES = [
    ("waiting", "waiting to be begun"),
    ("writing", "being carried out"),
    ("done", "done"),
    ("failed", "failed"),
    ("cancelled", "cancelled"),
]


class Migration(migrations.Migration):
    dependencies = [("qdm", "0009_shadow_projections")]
    operations = [
        migrations.CreateModel(
            name="BulkJob",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("owner", models.BigIntegerField(verbose_name="owner")),
                ("language", models.CharField(default="ru", max_length=10, verbose_name="language")),
                ("kind", models.CharField(choices=KINDS, max_length=10, verbose_name="what is done")),
                ("term", models.BigIntegerField(null=True, verbose_name="table")),
                ("chosen", models.JSONField(default=dict, verbose_name="rows")),
                ("change", models.JSONField(default=dict, verbose_name="change")),
                ("phase", models.CharField(choices=PHASES, default="waiting", max_length=10, verbose_name="phase")),
                ("rows_done", models.BigIntegerField(default=0, verbose_name="rows done")),
                ("rows_total", models.BigIntegerField(null=True, verbose_name="rows in all")),
                ("written", models.BigIntegerField(default=0, verbose_name="rows written")),
                ("refused", models.BigIntegerField(default=0, verbose_name="rows refused")),
                ("problems", models.JSONField(default=list, verbose_name="problems")),
                ("message", models.TextField(default="", verbose_name="message")),
                ("batch", models.BigIntegerField(null=True, verbose_name="batch")),
                ("cancel_asked", models.BooleanField(default=False, verbose_name="cancelled by the user")),
                ("heartbeat", models.DateTimeField(null=True, verbose_name="last sign of life")),
                ("begun_again", models.BooleanField(default=False, verbose_name="begun again")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bulk",
                        to="qdm.workspace",
                        verbose_name="workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of many rows",
                "verbose_name_plural": "changes of many rows",
                "ordering": ("-created_at",),
            },
        ),
    ]
