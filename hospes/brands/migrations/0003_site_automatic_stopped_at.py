from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('brands', '0002_site_sending_held_since'),
    ]

    operations = [
        migrations.AddField(
            model_name='site',
            name='automatic_stopped_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
