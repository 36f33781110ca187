from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0008_acknowledge'),
        ('intake', '0011_tell_held_mail_its_channel'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='heldraw',
            name='check_tries',
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='heldraw',
            name='checked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='heldraw',
            name='virus',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.AddIndex(
            model_name='heldraw',
            index=models.Index(condition=models.Q(('checked_at', None)), fields=['check_tries', 'raw'], name='held_unchecked'),
        ),
    ]
