"""Workspaces, and the functions of the schema ``qdm`` that keep projections in step."""

from django.core.validators import RegexValidator
from django.db import migrations, models

from qdm.sql import schema_files


def install_functions(apps, schema_editor):
    """Run every file of qdm/sql/schema: they are written to be run again when one changes."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("set local check_function_bodies = off")  # they name tables of whichever workspace is entered
        for _name, text in schema_files():
            cursor.execute(text)


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        migrations.CreateModel(
            name="Workspace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.CharField(
                        editable=False,
                        max_length=40,
                        unique=True,
                        validators=[RegexValidator("^[a-z][a-z0-9_]{0,39}$")],
                        verbose_name="short name",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
            ],
            options={"verbose_name": "workspace", "verbose_name_plural": "workspaces", "ordering": ("title",)},
        ),
        migrations.RunPython(install_functions, migrations.RunPython.noop),
    ]
