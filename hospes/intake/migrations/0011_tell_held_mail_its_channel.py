from django.db import migrations

TELL = """
UPDATE intake_heldraw h SET channel_id = r.channel_id FROM intake_raw r
WHERE r.id = h.raw_id AND h.channel_id IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0010_count_held_mail_by_channel")]

    operations = [migrations.RunSQL(TELL, migrations.RunSQL.noop)]
