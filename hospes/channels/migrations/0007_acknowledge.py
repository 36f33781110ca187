from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0006_name_contact_forms'),
    ]

    operations = [
        migrations.AddField(
            model_name='channel',
            name='acknowledges',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='channel',
            name='usual_hours',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
    ]
