import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("qdm", "0013_trigrams")]
    operations = [
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=16, verbose_name="key")),
                ("name", models.CharField(max_length=150, verbose_name="file")),
                ("size", models.BigIntegerField(verbose_name="bytes")),
                ("kind", models.CharField(max_length=20, verbose_name="type of picture")),
                ("owner", models.BigIntegerField(null=True, verbose_name="owner")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="qdm.workspace",
                        verbose_name="workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "file of a cell",
                "verbose_name_plural": "files of cells",
                "ordering": ("pk",),
                "constraints": [models.UniqueConstraint(fields=["workspace", "key"], name="qdm_storedfile_key")],
            },
        ),
    ]
