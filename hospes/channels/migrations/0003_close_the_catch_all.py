from django.db import migrations

CLOSE = """
UPDATE channels_channel SET is_active = false
WHERE address = '' AND is_active AND EXISTS (SELECT 1 FROM channels_channel WHERE address <> '')
"""


class Migration(migrations.Migration):
    """The first address closes the channel that took any; desks set up before that have it open still."""

    dependencies = [("channels", "0002_fetch_mail")]
    operations = [migrations.RunSQL(CLOSE, migrations.RunSQL.noop)]
