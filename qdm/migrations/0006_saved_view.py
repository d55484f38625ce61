import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('qdm', '0005_run_heartbeat'),
    ]

    operations = [
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('term', models.BigIntegerField(verbose_name='table')),
                ('kind', models.CharField(default='grid', max_length=20, verbose_name='kind')),
                ('title', models.CharField(max_length=100, verbose_name='title')),
                ('owner', models.BigIntegerField(null=True, verbose_name='owner')),
                ('shared', models.BooleanField(default=False, verbose_name='for everybody')),
                ('is_default', models.BooleanField(default=False, verbose_name='shown first')),
                ('spec', models.JSONField(default=dict, verbose_name='what is shown')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                ('deleted_at', models.DateTimeField(null=True, verbose_name='deleted')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='views', to='qdm.workspace', verbose_name='workspace')),
            ],
            options={
                'verbose_name': 'view',
                'verbose_name_plural': 'views',
                'ordering': ('-shared', 'title', 'pk'),
                'indexes': [models.Index(fields=['workspace', 'term'], name='qdm_savedview_table')],
            },
        ),
    ]
