from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0007_keep_the_end_of_certificates'),
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
