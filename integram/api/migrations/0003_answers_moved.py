"""The kept answers are in ``integram.repeats``."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0002_webhooks"),
        ("repeats", "0001_stored_answer"),
    ]

    operations = [
        migrations.DeleteModel(name="StoredAnswer"),
    ]
