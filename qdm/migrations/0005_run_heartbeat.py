from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("qdm", "0004_upload_form")]

    operations = [
        migrations.AddField("formrun", "heartbeat", models.DateTimeField(null=True, verbose_name="last sign of life")),
        migrations.AddField("formrun", "begun_again", models.BooleanField(default=False, verbose_name="begun again")),
        migrations.AlterField(
            "formrun",
            "door",
            models.CharField(
                choices=[
                    ("page", "page"),
                    ("link", "link"),
                    ("rest", "program"),
                    ("folder", "folder"),
                    ("mail", "e-mail"),
                    ("web", "address on the web"),
                ],
                max_length=10,
                verbose_name="came by",
            ),
        ),
    ]
