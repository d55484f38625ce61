"""The kept answers move here from the interface for programs, so that the sheet may use them too."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

FIELDS = ("user_id", "key", "request", "status", "content", "created_at")


def take_over(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    old, new = apps.get_model("api", "StoredAnswer"), apps.get_model("repeats", "StoredAnswer")
    new._meta.get_field("created_at").auto_now_add = False
    for kept in old.objects.values(*FIELDS).iterator(500):
        new.objects.create(**kept)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("api", "0002_webhooks"),
    ]

    operations = [
        migrations.CreateModel(
            name="StoredAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=255)),
                ("request", models.BinaryField(max_length=32)),
                ("status", models.PositiveSmallIntegerField(default=0)),
                ("content", models.BinaryField(default=b"")),
                ("created_at", models.DateTimeField(auto_now_add=True, db_index=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("user", "key"), name="repeats_answer_key")],
            },
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]
