"""By what a person is known to who signs him in from outside."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rbac", "0006_grants")]
    operations = [
        migrations.AddField(
            model_name="user",
            name="subject",
            field=models.CharField(
                blank=True, editable=False, max_length=512, null=True, unique=True, verbose_name="subject"
            ),
        )
    ]
